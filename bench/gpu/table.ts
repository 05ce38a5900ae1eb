import { markdownTable } from "../../lib/experiments/write_tables.ts";
import type { Row } from "./row.ts";

/** Which unit is better the smaller it is. */
const isTime = (unit: string | undefined) => unit?.startsWith("ms") ?? false;

/**
 * Results as Markdown: what each contender reached, how many times faster ours are than PyTorch on the same machine in the
 * same run, and what could not be measured.
 */
export function resultsMarkdown(rows: readonly Row[]): string {
  const measured = rows.filter(({ value, quantity }) => value !== undefined && quantity !== "open");
  const contenders = [...new Set(measured.map(({ contender }) => contender))];
  const quantities = [...Map.groupBy(measured, ({ quantity }) => quantity)];
  const values = quantities.map(([quantity, all]) => ({
    quantity,
    unit: all[0].unit ?? "",
    ...Object.fromEntries(all.map(({ contender, value }) => [contender, value!])),
  }));
  const sections = [markdownTable(["quantity", "unit", ...contenders], values)];
  const ratios = quantities.flatMap(([quantity, all]) => ratiosOf(quantity, all));
  if (ratios.length > 0) {
    sections.push(
      "How many times faster than PyTorch:\n",
      markdownTable(["quantity", "ours", "than float32", "than its best", "its best"], ratios),
    );
  }
  const problems = rows.filter(({ problem }) => problem !== undefined);
  if (problems.length > 0) {
    sections.push(
      "Not measured:\n",
      markdownTable(
        ["quantity", "contender", "reason"],
        problems.map(({ quantity, contender, problem }) => (
          { quantity, contender, reason: problem! }
        )),
      ),
    );
  }
  return sections.join("\n");
}

const isPeer = ({ contender }: Row) => contender.startsWith("PyTorch");

function ratiosOf(quantity: string, rows: readonly Row[]) {
  const faster = (ours: Row, peer: Row) =>
    isTime(ours.unit) ? peer.value! / ours.value! : ours.value! / peer.value!;
  const peers = rows.filter(isPeer);
  if (peers.length === 0) return [];
  const best = peers.reduce((best, peer) => faster(peer, best) > 1 ? peer : best);
  const float32 = peers.find(({ contender }) => contender === "PyTorch float32");
  return rows.filter((row) => !isPeer(row)).map((ours) => ({
    quantity,
    ours: ours.contender,
    "than float32": float32 ? faster(ours, float32) : null,
    "than its best": faster(ours, best),
    "its best": best.contender,
  }));
}
