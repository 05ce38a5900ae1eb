import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** ONNX Runtime's own libraries for CUDA, which its package for Node does not bring. */
export const providerLibraries = [
  "libonnxruntime_providers_cuda.so",
  "libonnxruntime_providers_shared.so",
] as const;

/** What those of ONNX Runtime 1.30 need of CUDA 13 and cuDNN 9, each after those that it needs itself. */
export const cudaLibraries = [
  "libcudart.so.13",
  "libnvrtc.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
  "libnvJitLink.so.13",
  "libcufft.so.12",
  "libcudnn.so.9",
] as const;

/** Where onnxruntime-node looks for native libraries on Linux. */
export function nativeFolder(): string {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const entry = import.meta.resolve("onnxruntime-node");
  return fileURLToPath(new URL(`../bin/napi-v6/linux/${arch}`, entry));
}

/** Libraries that are loaded stay so: others that name them find them, wherever they are. */
const loaded = new Set<string>();

/**
 * Loads the libraries of CUDA: those that are linked beside ONNX Runtime's from where they are, the others as the system finds them.
 * The search path of a running process cannot be changed, but a library that was loaded is not searched for again.
 *
 * @returns what is missing, as a clause, or nothing.
 */
export async function loadCuda(folder: string): Promise<string | undefined> {
  for (const name of providerLibraries) {
    const found = await Deno.stat(join(folder, name)).then(() => true, () => false);
    if (!found) return "onnxruntime-node's CUDA provider is not installed";
  }
  if (!load("libcuda.so.1")) return "there is no NVIDIA driver (libcuda.so.1)";
  for (const name of cudaLibraries) {
    const linked = await Deno.realPath(join(folder, name)).catch(() => undefined);
    if (!(linked && load(linked)) && !load(name)) return `the CUDA library ${name} is not found`;
  }
}

function load(path: string): boolean {
  if (loaded.has(path)) return true;
  try {
    Deno.dlopen(path, {});
  } catch {
    return false;
  }
  loaded.add(path);
  return true;
}
