import assert from "node:assert/strict";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, startTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

Deno.test("what explore cannot be started with is refused in one sentence", async () => {
  const models = ["--base", "a", "--reward", "b"];
  const cpu = ["--device", "cpu"];
  await refuse(2, /'--beta' must follow the --reward/, "explore", "--beta", "1");
  await refuse(2, /'--port' goes up to 65535/, "explore", ...models, "--port", "65536");
  await refuse(2, /'--base' takes a folder or a name/, "explore", "--base", "http://localhost:1");
  await refuse(1, /may not use the network, so fetch it first/, "explore", ...models, ...cpu);
  await refuse(1, /Name both the model that writes/, "explore", "--base", "a");
});

Deno.test({
  name: "explore serves its page until it is stopped, to several reward models",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const { base, arm } = await writeTinyModels(folder);
      const rewards = [
        ...["--reward", arm, "--label", "positive", "--beta", "70"],
        ...["--reward", arm, "--label", "rude", "--inverse"],
      ];
      const args = ["--base", base, ...rewards, "--prompt", "we", "--device", "cpu", "--port"];
      const child = startTask("explore", [...args, "0"]);
      const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let said = "";
      while (!said.includes("\n")) said += (await reader.read()).value;
      const address = said.match(/^The explorer is at (http:\/\/127\.0\.0\.1:(\d+)\/) /)!;
      const settings = await (await fetch(`${address[1]}settings`)).json();
      assert.equal(settings.prompt, "we");
      assert.deepEqual(settings.strengths, [
        { name: "towards positive (arm)", beta: 70, most: 140, step: 0.5 },
        { name: "away from rude (arm)", beta: 10, most: 60, step: 0.5 },
      ]);

      await refuse(
        1,
        /Port \d+ of 127\.0\.0\.1 is in use: choose another/,
        "explore",
        ...args,
        address[2],
      );

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
