import { join } from "node:path";
import {
  classifierFile,
  pointToEncoder,
  readClassifierFolder,
} from "../../eval/classifier_folder.ts";
import type { Stage } from "../../stages/stage.ts";
import { localFolder } from "./local_folder.ts";

/** Where the copy of an encoder stands in the copy of a classifier. */
const encoderFolder = "encoder";

/**
 * A copy of a classifier's folder as it is now, and in it one of the encoder whose embeddings it reads, if it does.
 *
 * @throws {Error | SyntaxError} if a file cannot be read.
 */
export async function localClassifier(name: string, path: string): Promise<Stage> {
  const isTrainedHere = await Deno.stat(join(path, classifierFile)).then(() => true, () => false);
  const encoder = isTrainedHere ? (await readClassifierFolder(path)).encoder : undefined;
  if (encoder === undefined) return await localFolder(name, path);
  const copy = await localFolder(name, path, { [encoderFolder]: encoder.folder });
  return {
    ...copy,
    kind: "local-classifier/1",
    async make(folder, from, context) {
      await copy.make(folder, from, context);
      await pointToEncoder(folder, join(folder, encoderFolder));
    },
  };
}
