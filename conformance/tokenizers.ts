import { join } from "node:path";
import { loadTokenizer, type Tokenizer } from "../lib/data/tokenizer.ts";
import { TextWriter } from "../lib/decode/text_writer.ts";
import type { Golden } from "./golden.ts";

/** The folder that holds tokenizers, one a folder. */
const folderName = "tokenizers";

/** A text, and what Hugging Face's `tokenizers` makes of it. */
interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  readonly ids_without_special: readonly number[];
  readonly decoded: string;
  readonly decoded_with_special: string;
  /** The text after each of the ids without special ones, special tokens spelled out; of long texts null. */
  readonly decoded_prefixes: readonly string[] | null;
}

/** What is compared of each text, by the name of what is expected. */
const comparisons: Readonly<Record<string, (tokenizer: Tokenizer, given: Case) => Compared>> = {
  ids: (tokenizer, { text, ids }) => [
    [...tokenizer.begin ?? [], ...tokenizer.encode(text)],
    ids,
  ],
  ids_without_special: (tokenizer, { text, ids_without_special: ids }) => [
    tokenizer.encode(text),
    ids,
  ],
  decoded: (tokenizer, { ids_without_special: ids, decoded }) => [tokenizer.decode(ids), decoded],
  decoded_with_special: (tokenizer, { ids, decoded_with_special: decoded }) => [
    tokenizer.decodeWithSpecial!(ids),
    decoded,
  ],
  decoded_prefixes: (tokenizer, { ids_without_special: ids, decoded_prefixes: decoded }) => [
    decoded && ids.map((_, i) => tokenizer.decodeWithSpecial!(ids.slice(0, i + 1))),
    decoded,
  ],
  streamed: (tokenizer, { ids_without_special: ids, decoded }) => [
    streamed(tokenizer, ids),
    decoded,
  ],
};

/** What was computed and what was expected. */
type Compared = readonly [unknown, unknown];

/** The text of tokens that come one by one. */
function streamed(tokenizer: Tokenizer, ids: readonly number[]): string {
  const writer = new TextWriter(tokenizer, []);
  return ids.map((id) => writer.add(id)).join("") + writer.rest();
}

/** The folders of tokenizers in a folder, as paths in it. */
export async function tokenizerFolders(path: string): Promise<string[]> {
  const names: string[] = [];
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (!await isThere(join(path, folderName))) return [];
  for await (const { name, isDirectory } of Deno.readDir(join(path, folderName))) {
    const folder = join(folderName, name);
    if (isDirectory && await isThere(join(path, folder, "cases.json"))) names.push(folder);
  }
  return names.sort();
}

/** Compares a tokenizer's ids and texts, streamed ones too; all have to be equal. */
export async function tokenizer({ folder, report }: Golden): Promise<void> {
  const file = folder.file("cases");
  const cases = await file.at("cases") as readonly Case[];
  const loaded = await loadTokenizer(folder.path);
  report.check(
    "vocabulary",
    difference(loaded.vocabSize, await file.number("vocabulary"), "the number of tokens"),
  );
  for (const [name, compare] of Object.entries(comparisons)) {
    const problems = cases.map((given) =>
      difference(...compare(loaded, given), JSON.stringify(given.text))
    );
    report.check(name, problems.find((problem) => problem !== undefined), [cases.length]);
  }
}

function difference(computed: unknown, expected: unknown, what: string): string | undefined {
  const [a, b] = [computed, expected].map((value) => JSON.stringify(value));
  return a === b ? undefined : `of ${what} ${a} was computed, and ${b} expected`;
}
