import { join } from "node:path";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { contentHash, folderOfGguf, ggufAt } from "../../weights/gguf/gguf_folder.ts";
import { filesBelow, takeOver } from "./hub_stages.ts";
import { localFolder } from "./local_folder.ts";

/**
 * A language model on this machine as a folder with float32 weights: of a GGUF file, or a copy of a folder as it is now.
 *
 * @param path as `findModel` gives it.
 * @param bytes of its float32 weights, roughly.
 * @throws {Error} if it cannot be read.
 */
export async function localModel(name: string, path: string, bytes: number): Promise<Stage> {
  const gguf = await ggufAt(path);
  if (gguf === undefined) return await localFolder(name, path);
  return defineStage({
    kind: "gguf/1",
    title: `Unpacking ${name}`,
    settings: { content: (await contentHash(gguf)).slice(0, 16) },
    needs: {},
    onDevice: false,
    cost: { seconds: 5, disk: bytes, memory: 5e8 },
    async make(folder) {
      const unpacked = await folderOfGguf(gguf, { keepBits: false });
      for (const file of await filesBelow(unpacked)) {
        await takeOver(join(unpacked, file), join(folder, file));
      }
    },
  });
}
