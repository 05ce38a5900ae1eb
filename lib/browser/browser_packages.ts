import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of packages that the page loads: package, the file in it, and where it stands beside the page. */
const files: readonly (readonly [name: string, file: string, to: string])[] = [
  ["onnxruntime-web", "dist/ort.webgpu.min.mjs", "onnxruntime/ort.webgpu.min.mjs"],
  [
    "onnxruntime-web",
    "dist/ort-wasm-simd-threaded.asyncify.mjs",
    "onnxruntime/ort-wasm-simd-threaded.asyncify.mjs",
  ],
  [
    "onnxruntime-web",
    "dist/ort-wasm-simd-threaded.asyncify.wasm",
    "onnxruntime/ort-wasm-simd-threaded.asyncify.wasm",
  ],
  ["@huggingface/tokenizers", "dist/tokenizers.min.mjs", "tokenizers.min.mjs"],
  ["pure-rand", "lib/esm/generator/xoroshiro128plus.js", "pure-rand/xoroshiro128plus.js"],
  ["pure-rand", "lib/esm/distribution/uniformFloat64.js", "pure-rand/uniformFloat64.js"],
];

/**
 * The files of packages that the page loads, as pairs of where they are here and where they stand beside it.
 *
 * @throws {Error} if the packages are in no `node_modules` above this library.
 */
export async function browserPackages(): Promise<{ readonly from: string; readonly to: string }[]> {
  return await Promise.all(
    files.map(async ([name, file, to]) => ({ from: join(await folderOf(name), file), to })),
  );
}

/** The folder of a package, where Node would look for it. */
async function folderOf(name: string): Promise<string> {
  const here = new URL(import.meta.url);
  if (here.protocol === "file:") {
    for (let folder = dirname(fileURLToPath(here)); folder !== dirname(folder);) {
      const found = join(folder, "node_modules", name);
      if (await Deno.stat(found).then(({ isDirectory }) => isDirectory, () => false)) return found;
      folder = dirname(folder);
    }
  }
  throw new Error(
    `A page that steers takes files of the package '${name}', which is in no node_modules above this library: ` +
      "use a checkout of it, or its npm package",
  );
}
