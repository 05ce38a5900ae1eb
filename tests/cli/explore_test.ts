import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, startTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

Deno.test("what explore cannot be started with is refused in one sentence", async () => {
  const models = ["--base", "a", "--reward", "b"];
  const cpu = ["--device", "cpu"];
  await refuse(2, /'--beta' must follow the --reward/, "explore", "--beta", "1");
  await refuse(
    2,
    /'--port <n>' argument '65536' is invalid: give a whole number from 0 to 65535/,
    "explore",
    ...models,
    "--port",
    "65536",
  );
  await refuse(2, /'--base' takes a folder or a name/, "explore", "--base", "http://localhost:1");
  await refuse(1, /may not use the network, so fetch it first/, "explore", ...models, ...cpu);
  await refuse(1, /^error: Name the language model that writes, too/, "explore", "--reward", "a");
  await refuse(2, /'--samples <n>' argument '9' is invalid/, "explore", "--samples", "9");
});

Deno.test({
  name: "explore serves its page until it is stopped, to a reward model that steers in two ways",
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
      assert.deepEqual(settings.models, [
        { name: "arm", kind: "arm", labels: ["positive", "rude"], most: 140, step: 0.5 },
      ]);
      assert.deepEqual(settings.ways, [
        { model: "arm", label: "positive", inverse: false, beta: 70 },
        { model: "arm", label: "rude", inverse: true, beta: 10 },
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

Deno.test({
  name:
    "explore takes whatever models of the demo there are, and says in one sentence if there are none",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const script = fileURLToPath(new URL("../../lib/cli/explore.ts", import.meta.url));
      const start = (...args: string[]) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "--quiet", "--no-prompt", "-A", script, "--device", "cpu", ...args],
          cwd: folder,
          env: { NO_COLOR: "1" },
          stdout: "piped",
          stderr: "piped",
        }).spawn();
      const { code, stderr } = await start().output();
      assert.equal(code, 1);
      assert.match(
        new TextDecoder().decode(stderr),
        /^error: There are no models to explore: [^\n]* run `deno task demo`, which trains some\.\n$/,
      );

      const demo = join(folder, "runs", "demo");
      await Deno.mkdir(demo, { recursive: true });
      const { arm } = await writeTinyModels(demo);
      const settingsOf = async () => {
        const child = start("--port", "0", "--top-k", "7");
        const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
        let said = "";
        while (!said.includes("\n")) said += (await reader.read()).value;
        const [, address] = said.match(/ at (http:\S+) /)!;
        const settings = await (await fetch(`${address}settings`)).json();
        child.kill("SIGINT");
        await Promise.all([child.status, child.stderr.cancel(), reader.cancel()]);
        return settings;
      };
      const { models, ways, topK } = await settingsOf();
      assert.deepEqual(models.map(({ name }: { name: string }) => name), ["arm"]);
      assert.deepEqual(ways, [{ model: "arm", label: "positive", inverse: false, beta: 10 }]);
      assert.equal(topK.value, 7);
      await Deno.remove(arm, { recursive: true });
      assert.deepEqual((await settingsOf()).models, []);
    });
  },
});
