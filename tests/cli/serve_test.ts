import assert from "node:assert/strict";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, startTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

Deno.test("what serve cannot be started with is refused in one sentence", async () => {
  const model = ["--base", "a"];
  await refuse(2, /required option '--base <model>' not specified/, "serve");
  await refuse(2, /'--rows <n>' argument '0' is invalid/, "serve", ...model, "--rows", "0");
  await refuse(2, /'--base' takes a folder or a name/, "serve", "--base", "http://localhost:1");
});

Deno.test({
  name: "serve answers until it is stopped, by the names of the folders",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const { base, arm } = await writeTinyModels(folder);
      const args = ["--device", "cpu", "--base", base, "--reward", arm, "--port"];
      const child = startTask("serve", [...args, "0"]);
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let said = "";
      while (!said.includes("\n")) said += (await reader.read()).value;
      const [, address, port] = said.match(
        /^The model is served at (http:\/\/127\.0\.0\.1:(\d+)\/v1) /,
      )!;
      const answer = await fetch(`${address}/completions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          ...{ model: "base", prompt: "we", max_tokens: 3 },
          guides: [{ model: "arm", label: "rude", inverse: true }],
        }),
      });
      assert.equal((await answer.json()).choices.length, 1);
      await refuse(1, /Port \d+ of 127\.0\.0\.1 is in use: choose another/, "serve", ...args, port);
      child.kill("SIGINT");
      const [{ code }, errors] = await Promise.all([
        child.status,
        new Response(child.stderr).text(),
        reader.cancel(),
      ]);
      assert.deepEqual([code, errors], [0, ""]);
    });
  },
});
