import { join } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { readJsonLines } from "../../files/json_lines.ts";

/** Names of the files in the results of stages. */
export const files = {
  /** Texts with their labels as columns, one JSON object a line. */
  texts: "texts.jsonl",
  /** Preference pairs, `{"prompt": …, "chosen": …, "rejected": …}` a line. */
  pairs: "pairs.jsonl",
  /** Prompts, `{"prompt": …}` a line. */
  prompts: "prompts.jsonl",
  /** What was generated: `GenerationRow` a line. */
  generations: "generations.jsonl",
  /** What generating took: `GenerationCost`. */
  cost: "cost.json",
  /** What generating took, part by part, in a shard. */
  costs: "costs.json",
  /** What judges say: `MeasuredRow` a line. */
  measured: "measured.jsonl",
} as const;

/** Writes rows as JSON Lines. */
export async function writeRows(
  folder: string,
  name: string,
  rows: readonly object[],
): Promise<void> {
  await writeAtomically(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** Writes a value as JSON. */
export async function writeJson(folder: string, name: string, value: unknown): Promise<void> {
  await writeAtomically(join(folder, name), JSON.stringify(value) + "\n");
}

/** Writes the rows of several folders' files of a name one after the other, byte by byte. */
export async function joinRows(
  folder: string,
  name: string,
  folders: readonly string[],
): Promise<void> {
  await writeAtomically(join(folder, name), bytesOf(folders.map((folder) => join(folder, name))));
}

async function* bytesOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* (await Deno.open(path)).readable;
}

/** The rows of a JSON Lines file that a stage wrote. */
export async function readRows<Row>(folder: string, name: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { row } of readJsonLines(join(folder, name))) rows.push(row as Row);
  return rows;
}

/** Whether a folder has a file: written last, it tells that the others are there. */
export async function hasFile(folder: string, name: string): Promise<boolean> {
  return await Deno.stat(join(folder, name)).then(() => true, () => false);
}
