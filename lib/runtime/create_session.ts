import * as ort from "onnxruntime-node";
import type { DeviceName } from "./device_name.ts";
import { holdingStandardError } from "./native_stderr.ts";

/**
 * Loads a graph on a device. An op on the CPU has as many threads as the environment's OMP_NUM_THREADS says, as in
 * PyTorch, where the options do not tell; otherwise one a physical core.
 *
 * The libraries under WebGPU write to the terminal about every driver that is not to be used. What they say is part of
 * the error where none is; the environment's ARMATURE_DEBUG=1 shows it always.
 *
 * @throws {Error} if the runtime refuses the graph, or the device cannot be used.
 */
export async function createSession(
  device: DeviceName,
  model: Uint8Array,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  const create = () =>
    ort.InferenceSession.create(model, {
      intraOpNumThreads: threadsOfEnvironment(),
      ...options,
      executionProviders: [device],
      // errors are thrown, and need not be written to the terminal as well
      logSeverityLevel: 4,
    });
  if (device !== "webgpu") return await create();
  const { result, said } = await holdingStandardError(create);
  if (said && Deno.env.get("ARMATURE_DEBUG") === "1") console.error(said.trimEnd());
  if (result.status === "fulfilled") return result.value;
  const [, warning] = said.match(/^Warning: (.+?)\.?$/m) ?? [];
  if (warning === undefined) throw result.reason;
  const [line] = String(result.reason.message).split("\n");
  throw new Error(`${line.replace(/\.$/, "")} (${warning})`, { cause: result.reason });
}

/** 0 where it says nothing: ONNX Runtime chooses. */
function threadsOfEnvironment(): number {
  const count = Number(Deno.env.get("OMP_NUM_THREADS"));
  return Number.isInteger(count) && count > 0 ? count : 0;
}
