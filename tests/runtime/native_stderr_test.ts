import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

Deno.test({
  name: "what drivers write to the terminal is held while a device is opened, and nothing after",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", fileURLToPath(new URL("noisy_device.ts", import.meta.url))],
      // a Vulkan loader that is there finds no driver, and says so
      env: { VK_DRIVER_FILES: "/nowhere.json", ARMATURE_DEBUG: "", NO_COLOR: "1" },
    }).output();
    const text = new TextDecoder();
    assert.equal(text.decode(stderr), "after\n");
    const { said, reason, name, note } = JSON.parse(text.decode(stdout));
    assert.deepEqual([said, reason], ["held\n", "Error: no driver"]);
    if (name === "cpu") {
      assert.match(
        note,
        /webgpu: (there is no Vulkan loader|.* \(.*nowhere\.json\))/,
      );
    }
  },
});
