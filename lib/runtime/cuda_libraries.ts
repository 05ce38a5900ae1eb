import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** ONNX Runtime's own libraries for CUDA, which its package for Node does not bring. */
export const providerLibraries = [
  "libonnxruntime_providers_cuda.so",
  "libonnxruntime_providers_shared.so",
] as const;

/**
 * What the provider of ONNX Runtime 1.30 names as needed (NEEDED of its ELF header), but for the driver's `libcuda.so.1` and the
 * system's own: CUDA 13, each after those that it needs itself. Without one of them the provider does not load.
 */
export const neededLibraries = [
  "libcudart.so.13",
  "libcublasLt.so.13",
  "libcublas.so.13",
  "libcurand.so.10",
] as const;

/**
 * What the provider opens by itself when an op first asks: cuDNN 9 (convolutions, some reductions and kinds of attention), which
 * compiles with NVRTC, and cuFFT (Fourier transforms). Where one is missing, only such an op fails, and says so.
 */
export const librariesOfSomeOps = [
  "libnvrtc.so.13",
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
 * @param load whether a library, by its path or name, could be loaded.
 * @returns what is missing that the provider needs, as a clause, or nothing.
 */
export async function loadCuda(
  folder: string,
  load: (library: string) => boolean = loadLibrary,
): Promise<string | undefined> {
  for (const name of providerLibraries) {
    const found = await Deno.stat(join(folder, name)).then(() => true, () => false);
    if (!found) return "onnxruntime-node's CUDA provider is not installed";
  }
  if (!load("libcuda.so.1")) return "there is no NVIDIA driver (libcuda.so.1)";
  const isLoaded = async (name: string) => {
    const linked = await Deno.realPath(join(folder, name)).catch(() => undefined);
    return linked !== undefined && load(linked) || load(name);
  };
  for (const name of neededLibraries) {
    if (!await isLoaded(name)) return `the CUDA library ${name} is not found`;
  }
  for (const name of librariesOfSomeOps) await isLoaded(name);
}

function loadLibrary(path: string): boolean {
  if (loaded.has(path)) return true;
  try {
    Deno.dlopen(path, {});
  } catch {
    return false;
  }
  loaded.add(path);
  return true;
}
