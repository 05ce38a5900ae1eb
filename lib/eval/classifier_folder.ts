import { createHash } from "node:crypto";
import { join } from "node:path";
import { isObject } from "../data/value_at.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { readJsonFile } from "../files/json_file.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { ClassificationQuality } from "./classification.ts";
import { TextClassifier } from "./text_classifier.ts";

/** The file that makes a folder one of text classifiers. */
export const classifierFile = "classifier.json";

const format = "armature-text-classifiers";
const formatVersion = 1;

/** A classifier of one label. */
export interface LabelClassifier {
  label: string;
  classifier: TextClassifier;
  /** How good it was on texts that it was not trained on. */
  heldOut?: ClassificationQuality;
}

/**
 * Writes classifiers of several labels into a folder: one file each, and last `classifier.json`, which names them, so
 * that a folder that has it is whole.
 *
 * @throws Error if a file cannot be written.
 */
export async function writeClassifierFolder(
  folder: string,
  classifiers: readonly LabelClassifier[],
): Promise<void> {
  await makeFolder(folder);
  const entries: unknown[] = [];
  for (const [i, { label, classifier, heldOut }] of classifiers.entries()) {
    const file = `label-${i}.json`;
    await classifier.save(join(folder, file));
    entries.push({ label, file, held_out: heldOut });
  }
  const content = { format, version: formatVersion, classifiers: entries };
  await writeAtomically(join(folder, classifierFile), JSON.stringify(content, null, 2) + "\n");
}

/** The classifiers of a folder. */
export interface ClassifierFolder {
  /** Another one whenever a classifier is. */
  readonly version: string;
  readonly classifiers: readonly { label: string; classifier: TextClassifier }[];
}

/**
 * Reads what `writeClassifierFolder` wrote.
 *
 * @throws Error if a file cannot be read; SyntaxError if one is not what it should be.
 */
export async function readClassifierFolder(folder: string): Promise<ClassifierFolder> {
  const path = join(folder, classifierFile);
  const content = await readJsonFile(path);
  const refuse = (reason: string): never => {
    throw new SyntaxError(
      `Cannot load the text classifiers '${path}' as ${reason}: train them anew`,
    );
  };
  if (!isObject(content) || content.format !== format) {
    return refuse(`its 'format' is not '${format}'`);
  }
  if (content.version !== formatVersion) {
    return refuse(`its 'version' is ${content.version} and not ${formatVersion}`);
  }
  const entries = content.classifiers;
  if (!Array.isArray(entries) || entries.length === 0) return refuse("it names no classifier");
  const hash = createHash("sha256");
  const classifiers: { label: string; classifier: TextClassifier }[] = [];
  for (const [i, entry] of entries.entries()) {
    const label = isObject(entry) ? entry.label : undefined;
    if (typeof label !== "string") return refuse("a classifier of it has no label");
    // the names of files are ours to choose: nothing that the file says is opened
    const file = join(folder, `label-${i}.json`);
    classifiers.push({ label, classifier: await TextClassifier.load(file) });
    hash.update(JSON.stringify(label)).update(await Deno.readFile(file));
  }
  return { version: hash.digest("hex").slice(0, 12), classifiers };
}
