import assert from "node:assert/strict";
import { advice } from "../../lib/doctor/advice.ts";
import { deviceReport } from "../../lib/doctor/device_report.ts";
import { examineDevice, type Finding } from "../../lib/doctor/examine_device.ts";
import { systemFacts } from "../../lib/doctor/system_facts.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";
import { skipUnless } from "../require.ts";
import { isWebgpuHere } from "../runtime/webgpu.ts";

const tiny = gpt2Backbone({ vocabulary: 50, context: 64, width: 16, layers: 1, heads: 2 });

async function findingsOf(device: DeviceName, seconds: number): Promise<Finding[]> {
  return await Array.fromAsync(examineDevice(device, seconds, tiny));
}

Deno.test("the CPU works, and every test of it gives a rate or a time", async () => {
  const report = deviceReport("cpu", await findingsOf("cpu", 0.5), undefined);
  assert.deepEqual([report.works, report.problem, report.tests.length], [true, undefined, 5]);
  for (const test of report.tests) {
    assert.ok("value" in test && test.value > 0, JSON.stringify(test));
  }
});

Deno.test("a device that is not there says why, and is not tested", async () => {
  const findings = await findingsOf("cuda", 0.5);
  if (findings.length > 1) return; // there is a GPU here
  const { works, problem } = deviceReport("cuda", findings, undefined);
  assert.equal(works, false);
  assert.match(problem!, /^Device cuda cannot be used here: .+ or use the device cpu\.$/);
});

Deno.test({
  name: "WebGPU tells its adapter and limits",
  ignore: skipUnless("webgpu", isWebgpuHere),
  async fn() {
    const { works, limits } = deviceReport("webgpu", await findingsOf("webgpu", 0), undefined);
    assert.ok(works && limits!.adapter !== "" && limits!.maxBufferSize >= limits!.maxBindingSize);
  },
});

Deno.test("a process that a driver ends is a row with what was found by then", () => {
  const found: Finding[] = [{ works: true }, {
    test: "copy on the device",
    unit: "GB/s",
    value: 3,
    on: "4 MB",
  }];
  const report = deviceReport("webgpu", found, "the process ended with SIGSEGV");
  assert.equal(report.problem, "the tests ended early: the process ended with SIGSEGV");
  assert.equal(report.tests.length, 1);
});

Deno.test("what is missing is told in a sentence each", async () => {
  const facts = { ...await systemFacts(), nvidia: [], vulkanDrivers: [] };
  const missing = (["webgpu", "cuda"] as const).map((device) =>
    deviceReport(device, [{ works: false, problem: "it is not there" }], undefined)
  );
  const sentences = advice(facts, missing);
  if (Deno.build.os === "linux") assert.equal(sentences.length, 2);
  for (const sentence of sentences) assert.match(sentence, /^[A-Z][^]+\.$/);
});
