import { namedRows } from "../named_rows.ts";
import { checkpointOf, checkpointPath } from "./checkpoint.ts";
import type { NotFinite } from "./not_finite.ts";
import type { Example } from "./objective.ts";

/** The same error, with the rows of the texts that the step was on, and the last checkpoint that a run's folder holds. */
export async function locatedNotFinite(
  { problem, batch, remedy }: NotFinite,
  examples: readonly Example[],
  { folder, run }: { readonly folder: string; readonly run: string },
): Promise<Error> {
  const places = new Map(examples.map((example, i) => [example, i + 1]));
  const rows = batch.flatMap((example) => places.get(example) ?? []).sort((a, b) => a - b);
  const where = batch.length === 0 || rows.length === 0
    ? ""
    : `, on ${rows.length === 1 ? "text" : "texts"} ${namedRows(rows)} of ${examples.length}`;
  const checkpoint = await checkpointOf(folder, run).catch(() => undefined);
  const kept = checkpoint
    ? `the last good checkpoint is that of step ${checkpoint.steps}, '${checkpointPath(folder)}'`
    : "there is no checkpoint yet";
  return new Error(`${problem}${where}; ${remedy}; ${kept}.`);
}
