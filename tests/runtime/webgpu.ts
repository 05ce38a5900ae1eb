import type { Device } from "../../lib/runtime/device.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import { skipUnless } from "../require.ts";

/** Whether WebGPU can be opened here. */
export const isWebgpuHere = await openDevice("webgpu").then(() => true, () => false);

/** Registers a test that runs on WebGPU, skipped where that cannot be opened and is not required. */
export function webgpuTest(name: string, test: (device: Device) => Promise<void>): void {
  const ignore = skipUnless("webgpu", isWebgpuHere);
  Deno.test({
    name: `WebGPU: ${name}${ignore ? " (skipped: WebGPU cannot be opened here)" : ""}`,
    ignore,
    fn: async () => await test(await openDevice("webgpu")),
  });
}
