import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Device } from "../../lib/runtime/device.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import { skipUnless } from "../require.ts";

/** Says that this process runs tests on WebGPU, and nothing else. */
const marker = "ARMATURE_TEST_WEBGPU";
const isProcessOfItsOwn = Deno.env.has(marker);

async function deno(...args: string[]): Promise<{ success: boolean; output: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [args[0], "--no-prompt", "--no-check", "--allow-all", ...args.slice(1)],
    env: { [marker]: "1", NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { success, output: text.decode(stdout) + text.decode(stderr) };
}

/** Whether WebGPU can be opened here. */
export const isWebgpuHere = isProcessOfItsOwn ||
  (await deno("run", fileURLToPath(new URL("try_webgpu.ts", import.meta.url)))).success;

/**
 * Registers a test that runs on WebGPU, skipped where that cannot be opened and is not required. It runs in a process of
 * its own: ONNX Runtime's WebGPU ends the process where two threads use it, and test files that run at once are threads.
 */
export function webgpuTest(name: string, test: (device: Device) => Promise<void>): void {
  const title = `WebGPU: ${name}`;
  if (isProcessOfItsOwn) {
    Deno.test(title, async () => await test(await openDevice("webgpu")));
    return;
  }
  const ignore = skipUnless("webgpu", isWebgpuHere);
  Deno.test({
    name: ignore ? `${title} (skipped: WebGPU cannot be opened here)` : title,
    ignore,
    async fn() {
      const only = `--filter=/^${RegExp.escape(title)}$/`;
      const { success, output } = await deno("test", only, fileURLToPath(Deno.mainModule));
      assert.ok(success && /\b1 passed\b/.test(output), output);
    },
  });
}
