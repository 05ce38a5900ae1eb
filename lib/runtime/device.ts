import * as ort from "onnxruntime-node";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { cast } from "../graph/ops/cast.ts";
import { concat } from "../graph/ops/concat.ts";
import type { Copies } from "./copies.ts";
import { loadCuda, nativeFolder } from "./cuda_libraries.ts";
import { createSession } from "./create_session.ts";
import type { DeviceName } from "./device_name.ts";

/** The devices that a user may ask for; `auto` takes the first of cuda, webgpu and cpu that works. */
export const deviceChoices = ["auto", "cpu", "webgpu", "cuda"] as const;
/** One of them. */
export type DeviceChoice = typeof deviceChoices[number];

/**
 * What models compute with. `float16`: their weights, matrix products and what stands between them; softmax, norms, sums, the
 * stream of hidden states and caches are float32. The CPU has no float16: there, float32 is rounded to it, to see what it does.
 */
export const precisions = ["float32", "float16"] as const;
/** One of them. */
export type Precision = typeof precisions[number];

/** A device that was tried and works. */
export interface Device {
  /** What it is; never `auto`. */
  readonly name: DeviceName;
  /** For `auto`: what was chosen and why, in one sentence to show to the user. */
  readonly note?: string;
  /** Prefix of the files that ONNX Runtime writes to when a session ends: its profile of every op. Default: none. */
  readonly profile?: string;
  /** What models that are opened on it compute with. Default: float32. */
  readonly precision?: Precision;
  /** Where it is counted what runs copy to it and from it. Default: nowhere. */
  readonly copies?: Copies;
}

const howToGet: Record<DeviceName, string> = {
  cpu: "reinstall the onnxruntime-node package",
  webgpu: "install a GPU driver with Vulkan, Metal or Direct3D 12 (on Linux also libvulkan.so.1)",
  cuda: "install NVIDIA's driver, CUDA 13 and cuDNN 9, and the provider with " +
    "`deno task cuda --from` and the wheel of onnxruntime-gpu",
};

/**
 * Finds a device and proves it with a small graph.
 *
 * @param precision what models that are opened on it compute with; float16 is for decoding. Default: float32.
 * @throws {TypeError} for a name that is no device, or no precision.
 * @throws {Error} if the device is not there, or has no float16; the sentence says how to get it.
 */
export async function openDevice(
  choice: DeviceChoice = "auto",
  { precision = "float32" }: { readonly precision?: Precision } = {},
): Promise<Device> {
  const device = await openNamed(choice);
  if (precision === "float32") return device;
  if (!precisions.includes(precision)) {
    throw new TypeError(
      `Precision ${JSON.stringify(precision)} is unknown; use one of ${precisions.join(", ")}.`,
    );
  }
  const problem = device.name === "cpu" ? undefined : await tryDevice(device.name, "float16");
  if (problem === undefined) return { ...device, precision };
  throw new Error(
    `The ${device.name} device computes no float16 here (${problem}): use the precision float32.`,
  );
}

async function openNamed(choice: DeviceChoice): Promise<Device> {
  if (!deviceChoices.includes(choice)) {
    throw new TypeError(
      `Device ${JSON.stringify(choice)} is unknown; use one of ${deviceChoices.join(", ")}.`,
    );
  }
  if (choice !== "auto") {
    const problem = await tryDevice(choice);
    if (problem === undefined) return { name: choice };
    throw new Error(
      `Device ${choice} cannot be used here: ${problem}; ${
        howToGet[choice]
      }, or use the device cpu.`,
    );
  }
  const problems: string[] = [];
  for (const name of ["cuda", "webgpu"] as const) {
    const problem = await tryDevice(name);
    if (problem === undefined) return { name, note: `Running on ${name}.` };
    problems.push(`${name}: ${problem}`);
  }
  return { name: "cpu", note: `Running on the CPU (${problems.join("; ")}).` };
}

/** Runs a small graph on the device; what went wrong, or nothing. */
async function tryDevice(
  name: DeviceName,
  precision: Precision = "float32",
): Promise<string | undefined> {
  const missing = await missingLibrary(name);
  if (missing) return missing;
  const x = cast(input("x", "float32", [1]), precision);
  const { model } = compile({ y: cast(concat([x, x], 0), "float32") });
  try {
    const session = await createSession(name, model, {});
    try {
      await session.run({ x: new ort.Tensor("float32", Float32Array.of(1), [1]) });
    } finally {
      await session.release();
    }
  } catch (error) {
    return reason(error);
  }
}

/** Looks for a device's library first: a sentence of ours says more than what ONNX Runtime makes of its absence. */
async function missingLibrary(name: DeviceName): Promise<string | undefined> {
  if (Deno.build.os !== "linux") {
    return name === "cuda" ? "CUDA is not offered on this system" : undefined;
  }
  if (name === "webgpu") {
    try {
      Deno.dlopen("libvulkan.so.1", {}).close();
    } catch {
      return "there is no Vulkan loader (libvulkan.so.1)";
    }
  }
  if (name === "cuda") return await loadCuda(nativeFolder());
}

/** The last clause of a runtime error, without source locations. */
export function reason(error: unknown): string {
  const [line] = String((error as Error).message ?? error).split("\n");
  if (/requires f16/.test(line)) return "its driver lacks the feature shader-f16";
  return line.split(" was false. ").at(-1)!.replace(/^\S*onnxruntime_src\S* /, "").replace(
    /\.$/,
    "",
  );
}
