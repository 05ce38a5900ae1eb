import { createHash } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { isObject } from "../data/value_at.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { ClassificationQuality } from "./classification.ts";
import type { TextClassifier } from "./text_classifier.ts";

/** The file that makes a folder one of text classifiers. */
export const classifierFile = "classifier.json";

const format = "armature-text-classifiers";
const formatVersion = 1;

/** A classifier of one label. */
export interface LabelClassifier<Classifier = TextClassifier> {
  label: string;
  classifier: Classifier;
  /** How good it was on texts that it was not trained on. */
  heldOut?: ClassificationQuality;
}

/** The encoder whose embeddings classifiers read. */
export interface EncoderReference {
  /** Its folder; in the file, relative to that of the classifiers. */
  readonly folder: string;
  /** The hash of its files. */
  readonly version: string;
}

/**
 * Writes classifiers of several labels into a folder: one file each, and last `classifier.json`, which names them, so
 * that a folder that has it is whole.
 *
 * @param encoder what embeds the texts, where the classifiers read embeddings.
 * @throws Error if a file cannot be written.
 */
export async function writeClassifierFolder(
  folder: string,
  classifiers: readonly LabelClassifier<{ save(path: string): Promise<void> }>[],
  encoder?: EncoderReference,
): Promise<void> {
  await makeFolder(folder);
  const entries: unknown[] = [];
  for (const [i, { label, classifier, heldOut }] of classifiers.entries()) {
    const file = `label-${i}.json`;
    await classifier.save(join(folder, file));
    entries.push({ label, file, held_out: heldOut });
  }
  const reads = encoder &&
    { folder: relativeFolder(folder, encoder.folder), version: encoder.version };
  const content = { format, version: formatVersion, encoder: reads, classifiers: entries };
  await writeAtomically(join(folder, classifierFile), JSON.stringify(content, null, 2) + "\n");
}

/** Says that the encoder of the classifiers in a folder stands elsewhere now. @throws Error if a file cannot be written. */
export async function pointToEncoder(folder: string, encoder: string): Promise<void> {
  const path = join(folder, classifierFile);
  const content = await readJsonFile(path) as { encoder: EncoderReference };
  const reads = { ...content.encoder, folder: relativeFolder(folder, encoder) };
  await writeAtomically(path, JSON.stringify({ ...content, encoder: reads }, null, 2) + "\n");
}

/** With slashes on every system. */
function relativeFolder(from: string, to: string): string {
  return relative(resolve(from), resolve(to)).replaceAll("\\", "/");
}

/** The classifiers of a folder. */
export interface ClassifierFolder {
  /** Another one whenever a classifier is, or what embeds the texts. */
  readonly version: string;
  /** What embeds the texts, where the classifiers read embeddings. */
  readonly encoder?: EncoderReference;
  readonly classifiers: readonly {
    readonly label: string;
    /** The path of its file. */
    readonly file: string;
  }[];
}

/**
 * Reads what `writeClassifierFolder` wrote, but for the classifiers themselves.
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
  const { classifiers: entries, encoder } = content;
  if (!Array.isArray(entries) || entries.length === 0) return refuse("it names no classifier");
  const hash = createHash("sha256");
  const classifiers: { label: string; file: string }[] = [];
  for (const [i, entry] of entries.entries()) {
    const label = isObject(entry) ? entry.label : undefined;
    if (typeof label !== "string") return refuse("a classifier of it has no label");
    // the names of files are ours to choose: nothing that the file says is opened
    const file = join(folder, `label-${i}.json`);
    classifiers.push({ label, file });
    hash.update(JSON.stringify(label)).update(await readBytes(file));
  }
  if (encoder === undefined) return { version: hash.digest("hex").slice(0, 12), classifiers };
  if (
    !isObject(encoder) || typeof encoder.folder !== "string" || typeof encoder.version !== "string"
  ) return refuse("its 'encoder' has no folder and version");
  hash.update(encoder.version);
  return {
    version: hash.digest("hex").slice(0, 12),
    encoder: { folder: resolve(folder, encoder.folder), version: encoder.version },
    classifiers,
  };
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}
