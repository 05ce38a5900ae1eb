import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { readJsonFile } from "../../files/json_file.ts";
import { makeFolder } from "../../files/make_folder.ts";
import type { RowRange } from "../../stages/stage.ts";

const partsFolder = "parts";

/** Rows of a part where nothing else is asked for. */
export const usualSize = 200;

/**
 * Computes something of many rows, part by part. Every part is kept as soon as it is there, so that a stage that was
 * killed goes on with the next one.
 *
 * @param compute is given the rows of a part, and which of all rows the first of them is.
 * @param range which of all rows are meant; it begins with a part. Default: all.
 * @returns what was computed, part after part; undefined if the signal stopped it.
 */
export async function inParts<Row, Result>(
  folder: string,
  rows: readonly Row[],
  compute: (rows: readonly Row[], first: number) => Promise<Result>,
  { signal, size = usualSize, range: { first: begin, until } = { first: 0, until: Infinity } }: {
    signal: AbortSignal;
    size?: number;
    range?: RowRange;
  },
): Promise<Result[] | undefined> {
  const parts = join(folder, partsFolder);
  await makeFolder(parts);
  const results: Result[] = [];
  const end = Math.min(until, rows.length);
  for (let first = begin; first < end; first += size) {
    const path = join(parts, `${first}.json`);
    if (await Deno.stat(path).then(() => true, () => false)) {
      results.push(await readJsonFile(path) as Result);
      continue;
    }
    const result = await compute(rows.slice(first, Math.min(first + size, end)), first);
    if (signal.aborted) return undefined;
    await writeAtomically(path, JSON.stringify(result) + "\n");
    results.push(result);
  }
  return results;
}

/** Removes the parts, when what was made of all of them is there. */
export async function removeParts(folder: string): Promise<void> {
  await Deno.remove(join(folder, partsFolder), { recursive: true }).catch(() => {});
}
