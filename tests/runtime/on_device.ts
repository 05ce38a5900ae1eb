import assert from "node:assert/strict";
import { join } from "node:path";
import { Copies } from "../../lib/runtime/copies.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { profiledOps } from "../../lib/runtime/profiled_ops.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/**
 * Runs `work` on a device, and checks that no op of its sessions ran elsewhere. Sessions that `work` leaves open are not seen.
 *
 * @returns what was copied.
 */
export async function allOnDevice(
  device: Device,
  work: (device: Device) => Promise<void>,
): Promise<Copies> {
  const copies = new Copies();
  await withTemporaryFolder(async (folder) => {
    const profile = join(folder, "ops");
    await work({ ...device, profile, copies });
    const ops = (await profiledOps(profile)).flat();
    const calls = ops.reduce((sum, { calls }) => sum + calls, 0);
    assert.ok(calls > 100, `only ${calls} calls were seen`);
    const elsewhere = ops.filter(({ provider, op }) =>
      provider !== "WebGpu" || op.startsWith("Memcpy")
    );
    assert.deepEqual(elsewhere, []);
  });
  return copies;
}
