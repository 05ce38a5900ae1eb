import { fileURLToPath } from "node:url";
import type { Standing } from "../lib/experiments/claims.ts";
import type { Interval } from "../lib/eval/bootstrap.ts";
import { parseCsv } from "../lib/files/csv_records.ts";

/** A system at one strength, as the report of `reproduce optimum` has it. */
export interface OptimumPoint {
  readonly system: string;
  /** Its kind in the list of methods. */
  readonly method: string;
  /** The kind that charts show it with. */
  readonly family: string;
  readonly beta: number;
  readonly reward: Interval;
  readonly nats?: Interval;
  readonly gap?: Interval;
  readonly milliseconds: number;
}

/** What is kept of the comparison with the optimum, without the base model alone. */
export async function optimumRows(): Promise<OptimumPoint[]> {
  const rows = await rowsOf("optimum.csv");
  return rows.filter(({ method }) => method !== "").map((row): OptimumPoint => ({
    system: row.system,
    method: row.method,
    family: row.family,
    beta: Number(row.beta),
    reward: intervalOf(row, "reward")!,
    nats: intervalOf(row, "nats"),
    gap: intervalOf(row, "gap"),
    milliseconds: Number(row.milliseconds_a_token),
  }));
}

/** The frontier that is kept beside it. */
export async function frontierRows(): Promise<
  { beta: number; reward: number; divergence: number }[]
> {
  return (await rowsOf("optimum-frontier.csv")).map(({ beta, reward, nats }) => (
    { beta: Number(beta), reward: Number(reward), divergence: Math.max(0, Number(nats)) }
  ));
}

/** A claim of a paper about two systems, and what was found. */
export interface OrderRow {
  readonly paper: string;
  readonly system: string;
  readonly reference: string;
  readonly claimed: Standing;
  readonly source: string;
  readonly found: Standing;
  readonly difference: Interval;
  readonly nats: number;
}

/** What is kept of the claims. */
export async function orderRows(): Promise<OrderRow[]> {
  return (await rowsOf("optimum-orders.csv")).map((row) => ({
    paper: row.paper,
    system: row.system,
    reference: row.reference,
    claimed: row.claimed as Standing,
    source: row.source,
    found: row.found as Standing,
    difference: intervalOf(row, "difference")!,
    nats: Number(row.nats),
  }));
}

async function rowsOf(name: string): Promise<Record<string, string>[]> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const [header, ...records] = parseCsv(path, await Deno.readFile(path));
  return records.map(({ cells }) =>
    Object.fromEntries(header.cells.map((column, i) => [column, cells[i]]))
  );
}

function intervalOf(row: Record<string, string>, name: string): Interval | undefined {
  if (row[name] === "") return undefined;
  const [estimate, low, high] = ["", "_low", "_high"].map((end) => Number(row[name + end]));
  return { estimate, low, high };
}
