/**
 * What a pack runs: the commands of `lib/cli/main.ts`, and the benchmark of the GPU, which is no part of the library.
 * `lib/cli/pack.ts` lays out the folder.
 */
import { fileURLToPath } from "node:url";
import { invokeAs } from "../lib/cli/invocation.ts";
import { nativeFolder, nativeLibrary, unpackLibrary } from "../lib/cli/packed_library.ts";

const runtime = new URL(`../node_modules/onnxruntime-node/${nativeFolder}/`, import.meta.url);
const [name, ...args] = Deno.args;

try {
  await unpackLibrary(fileURLToPath(new URL(nativeLibrary, runtime)));
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exit(1);
}
if (name === "bench:gpu") {
  invokeAs("armature", args);
  await import("./gpu.ts");
} else {
  await import("../lib/cli/main.ts");
}
