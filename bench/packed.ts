/** What a pack runs: the commands of `lib/cli/main.ts`. `lib/cli/pack.ts` lays out the folder. */
import { fileURLToPath } from "node:url";
import { nativeFolder, nativeLibrary, unpackLibrary } from "../lib/cli/packed_library.ts";

const runtime = new URL(`../node_modules/onnxruntime-node/${nativeFolder}/`, import.meta.url);

try {
  await unpackLibrary(fileURLToPath(new URL(nativeLibrary, runtime)));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exit(1);
}
await import("../lib/cli/main.ts");
