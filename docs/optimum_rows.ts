import { fileURLToPath } from "node:url";
import type { Interval } from "../lib/eval/bootstrap.ts";
import { parseCsv } from "../lib/files/csv_records.ts";

/** A system at one strength, as the report of `reproduce optimum` has it. */
export interface OptimumPoint {
  readonly system: string;
  /** Its kind in the list of methods. */
  readonly method: string;
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
