import assert from "node:assert/strict";
import { join } from "node:path";
import { writeTinyModels } from "../cli/tiny_inputs.ts";
import { skipUnless } from "../require.ts";
import { isWebgpuHere } from "../runtime/webgpu.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { codeBlocksIn, programsIn } from "./code_blocks.ts";
import { Reader } from "./reader.ts";

const guide = new URL("../../docs/guides/run-on-a-gpu.md", import.meta.url);

/** Where Debian's chromium has its software Vulkan, as the guide says. */
const vulkanDriver = "/usr/lib/chromium/vk_swiftshader_icd.json";
const hasSoftwareVulkan = Deno.env.get("VK_DRIVER_FILES") === vulkanDriver && isWebgpuHere;

Deno.test({
  name: "what the guide on GPUs does with software Vulkan runs",
  ignore: skipUnless("webgpu", hasSoftwareVulkan),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      await writeTinyModels(join(folder, "models"), { labelNames: ["positive"] });
      const reader = await Reader.begin(folder, {});
      const programs = programsIn(codeBlocksIn(await Deno.readTextFile(guide)));
      const followed = programs.filter(({ note }) => note === "webgpu" || note.endsWith(".ts"));
      assert.ok(followed.some(({ note }) => note === "webgpu"));
      for (const block of followed) await reader.follow(block, "run-on-a-gpu");
    });
  },
});
