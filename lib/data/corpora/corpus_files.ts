import { dirname, join } from "node:path";
import type { Corpus } from "./corpus.ts";

/**
 * The files of one split of a corpus in a folder of data sets.
 *
 * @param split Default: the first.
 * @throws RangeError if there is no such split; Error, naming where was looked, if its files are not there.
 */
export async function corpusFiles(
  corpus: Corpus,
  folder: string,
  split: string = Object.keys(corpus.splits)[0],
): Promise<string[]> {
  const found = corpus.splits[split];
  if (!Object.hasOwn(corpus.splits, split) || found === undefined) {
    throw new RangeError(
      `The corpus '${corpus.name}' has no split '${split}': name one of ${
        Object.keys(corpus.splits).join(", ")
      }`,
    );
  }
  for (const pattern of found.files) {
    const files = await matching(folder, pattern);
    if (files.length > 0) return files;
  }
  throw new Error(
    `There is no ${split} split of '${corpus.name}' in '${folder}' (looked for ${
      found.files.join(", ")
    }), so fetch it from ${corpus.source}, or name its files`,
  );
}

/** The files that match a pattern with `*` in its last part, sorted by name. */
async function matching(folder: string, pattern: string): Promise<string[]> {
  const path = join(folder, pattern);
  const parent = dirname(path);
  const last = pattern.slice(pattern.lastIndexOf("/") + 1);
  const [before, after] = last.includes("*") ? last.split("*") : [last, undefined];
  const files: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(parent)) {
      const matches = after === undefined
        ? name === before
        : name.length >= last.length - 1 && name.startsWith(before) && name.endsWith(after);
      if (matches && !isDirectory) files.push(join(parent, name));
    }
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory)) {
      throw cause;
    }
  }
  return files.sort();
}
