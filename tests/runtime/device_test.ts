import assert from "node:assert/strict";
import { type DeviceChoice, openDevice } from "../../lib/runtime/device.ts";

Deno.test("the CPU is always there", async () => {
  assert.deepEqual(await openDevice("cpu"), { name: "cpu" });
});

Deno.test("a name that is no device is refused", async () => {
  await assert.rejects(openDevice("tpu" as DeviceChoice), {
    name: "TypeError",
    message: 'Device "tpu" is unknown; use one of auto, cpu, webgpu, cuda.',
  });
});

Deno.test("auto takes a device that works and says in one sentence which and why", async () => {
  const { name, note } = await openDevice();
  if (name === "cpu") {
    assert.match(note!, /^Running on the CPU \(cuda: [^\n]+; webgpu: [^\n]+\)\.$/);
  } else {
    assert.equal(note, `Running on ${name}.`);
  }
});

for (const choice of ["webgpu", "cuda"] as const) {
  Deno.test(`${choice} works, or one sentence says why not and how to get it`, async () => {
    await openDevice(choice).then(
      (device) => assert.deepEqual(device, { name: choice }),
      ({ name, message }) => {
        assert.equal(name, "Error");
        assert.match(
          message,
          new RegExp(
            `^Device ${choice} cannot be used here: [^\\n;]+; install [^\\n]+, or use the device cpu\\.$`,
          ),
        );
        assert.doesNotMatch(message, /onnxruntime_src|\.cc:/);
      },
    );
  });
}
