import assert from "node:assert/strict";
import { join } from "node:path";
import type { LogProbabilities } from "../../lib/decode/log_probabilities.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { hostileTexts } from "../hostile_texts.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask, startTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

interface Line {
  prompt: string;
  continuations: string[];
  logProbabilities?: LogProbabilities<number[][]>;
}

async function linesOf(path: string): Promise<Line[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("generate writes one line a prompt, and the seed settles what it writes", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const prompts = join(folder, "prompts.jsonl");
    const texts = ["the film was", "a long and", "nobody"];
    await Deno.writeTextFile(
      prompts,
      texts.map((text) => JSON.stringify({ prompt: { text } }) + "\n").join(""),
    );
    const generate = async (name: string, ...args: string[]) => {
      const out = join(folder, "new", name);
      const { stdout } = await runTask(
        ...["generate", "--base", base, "--prompts", prompts, "--n", "3"] as const,
        ...["--max-tokens", "6", "--device", "cpu", "--out", out],
        ...args,
      );
      assert.equal(stdout, "");
      return await linesOf(out);
    };
    const plain = await generate("plain.jsonl");
    assert.deepEqual(plain.map(({ prompt }) => prompt), texts);
    assert.ok(plain.every(({ continuations }) => continuations.length === 3));
    const steering = ["--reward", arm, "--label", "positive", "--beta"];
    assert.deepEqual(await generate("unsteered.jsonl", ...steering, "0"), plain);
    assert.notDeepEqual(await generate("seeded.jsonl", "--seed", "1"), plain);
    const steered = await generate("steered.jsonl", ...steering, "500", "--log-probabilities");
    assert.notDeepEqual(steered.map(({ continuations }) => continuations), plain);
    for (const { logProbabilities } of steered) {
      const { steered, unsteered } = logProbabilities!;
      assert.deepEqual(steered.map(({ length }) => length), unsteered.map(({ length }) => length));
      assert.ok([steered, unsteered].flat(2).every((value) => value <= 0));
    }
  });
});

Deno.test("generate prints a text while it is written, the same as at the end", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const args = [
      ...["--base", base, "--prompt", "the film", "--reward", arm, "--label", "positive"],
      ...["--rated", "vocabulary", "--top-p", "0.9", "--device", "cpu", "--max-tokens", "8"],
    ];
    const { stdout } = await runTask("generate", ...args, "--stream");
    const out = join(folder, "one.jsonl");
    await runTask("generate", ...args, "--n", "1", "--out", out);
    const [{ prompt, continuations: [text] }] = await linesOf(out);
    assert.equal(stdout, `${visible(prompt + text)}\n`);
  });
});

Deno.test("generate answers a chat, up to a stop string, while it is written and at the end", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const out = join(folder, "answers.jsonl");
    const args = [
      ...["--base", base, "--reward", arm, "--label", "positive", "--prompt", "the film"],
      ...["--device", "cpu", "--max-new-tokens", "20", "--temperature", "2"],
    ];
    const templateless =
      /The base model's tokenizer has no chat template to write prompts out with/;
    await refuse(1, templateless, "generate", ...args, "--chat");
    await Deno.writeTextFile(
      join(base, "chat_template.jinja"),
      "<|endoftext|>{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}answer:",
    );
    await runTask("generate", ...args, "--chat", "--n", "1", "--out", out);
    const [{ prompt, continuations: [answer] }] = await linesOf(out);
    assert.equal(prompt, "the film");
    const stop = answer.slice(5, 7);
    const { stdout } = await runTask("generate", ...args, "--chat", "--stop", stop, "--stream");
    assert.equal(stdout, `the film\n${visible(answer.slice(0, answer.indexOf(stop)))}\n`);
    // what follows the text of the template is what follows it as a prompt, before which BOS is read as well
    const written = ["--prompt", "user: the film\nanswer:", "--n", "1", "--overwrite"];
    const plain = args.filter((_, i) => i !== 6 && i !== 7);
    await runTask("generate", ...plain, ...written, "--beta", "0", "--out", out);
    const [{ continuations: [continued] }] = await linesOf(out);
    await runTask(
      "generate",
      ...args,
      "--chat",
      "--n",
      "1",
      "--beta",
      "0",
      "--overwrite",
      "--out",
      out,
    );
    assert.equal((await linesOf(out))[0].continuations[0], continued);
  });
});

Deno.test("hostile prompts are printed as text, and written as they are", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const { colours, cursor, override, lines: breaks } = hostileTexts;
    const prompts = [colours, cursor, override, breaks].map((text) => text.slice(0, 24));
    const file = join(folder, "prompts.jsonl");
    await Deno.writeTextFile(
      file,
      prompts.map((prompt) => JSON.stringify({ prompt }) + "\n").join(""),
    );
    const args = ["--base", base, "--prompts", file, "--device", "cpu", "--max-tokens", "3"];
    const out = join(folder, "out.jsonl");
    await runTask("generate", ...args, "--n", "1", "--out", out);
    const written = await linesOf(out);
    assert.deepEqual(written.map(({ prompt }) => prompt), prompts);

    const { stdout: printed } = await runTask("generate", ...args, "--n", "1");
    assert.equal(visible(printed), printed);
    for (const prompt of prompts) assert.ok(printed.includes(`${visible(prompt)}\n  … `));
    const { stdout: streamed } = await runTask("generate", ...args, "--stream");
    const lines = written.map(({ prompt, continuations: [text] }) => `${visible(prompt + text)}\n`);
    assert.equal(streamed, lines.join(""));

    const steered = ["--reward", arm, "--label", colours, "--device", "cpu"];
    await refuse(
      1,
      /has no label '␛\[31mred␛\[0m/,
      "generate",
      "--prompt",
      "a",
      "--base",
      base,
      ...steered,
    );
  });
});

Deno.test("what is finished is not replaced unless it is asked for", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base } = await writeTinyModels(folder);
    const out = join(folder, "out.jsonl");
    await Deno.writeTextFile(out, "precious\n");
    const args = ["--base", base, "--prompt", "a", "--samples", "1", "--device", "cpu"];
    await refuse(1, /out\.jsonl' is there already, and finished: use --overwrite/, "generate", ...[
      ...args,
      ...["--out", out],
    ]);
    assert.equal(await Deno.readTextFile(out), "precious\n");
    await runTask("generate", ...args, "--out", out, "--overwrite");
    assert.equal((await linesOf(out)).length, 1);
  });
});

Deno.test({
  name:
    "a generation that is stopped keeps the prompts that were finished, as a whole run has them",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const { base } = await writeTinyModels(folder);
      const prompts = join(folder, "prompts.txt");
      const texts = Array.from({ length: 300 }, (_, i) => `a ${i}`);
      await Deno.writeTextFile(prompts, texts.join("\n"));
      const out = join(folder, "out.jsonl");
      const args = [
        ...["--base", base, "--prompts", prompts, "--batch-size", "25", "--device", "cpu"],
        ...["--max-new-tokens", "12", "--out"],
      ];
      const child = startTask("generate", [...args, out]);
      const said = Promise.all([child.status, new Response(child.stderr).text()]);
      const size = () => Deno.stat(`${out}.partial`).then(({ size }) => size, () => 0);
      let hasEnded = false;
      said.then(() => hasEnded = true);
      while (!hasEnded && await size() === 0) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      if (!hasEnded) child.kill("SIGINT");
      const [{ code }, stderr] = await said;
      await child.stdout.cancel();
      assert.equal(code, 130, stderr);
      const [, count] = stderr.match(
        /^Stopped before the end; (\d+) of 300 prompts were finished: they are in '.*out\.jsonl\.partial'/m,
      )!;
      const kept = await linesOf(`${out}.partial`);
      assert.ok(kept.length > 0 && kept.length < 300 && kept.length === Number(count));
      await assert.rejects(Deno.stat(out), Deno.errors.NotFound);

      const whole = join(folder, "whole.jsonl");
      await runTask("generate", ...args, whole);
      const lines = new Map((await linesOf(whole)).map((line) => [line.prompt, line]));
      for (const line of kept) assert.deepEqual(line, lines.get(line.prompt));
      assert.deepEqual(
        (await Array.fromAsync(Deno.readDir(folder))).filter(({ name }) => name.startsWith("whole"))
          .map(({ name }) => name),
        ["whole.jsonl"],
      );
    });
  },
});

Deno.test("options of generate that do not go together are refused as usage", async () => {
  const args = ["--base", "nowhere", "--prompt", "a"];
  const wrong: [string[], RegExp][] = [
    [["--stream", "--samples", "2"], /'--stream' cannot be used with --out or --samples/],
    [["--log-probabilities"], /'--log-probabilities' goes with --out/],
    [["--filter", "0.8,0.8"], /'--filter' must follow the --reward/],
    [["--reward", "x", "--filter", "0.8"], /give two numbers from 0 to 1/],
    [["--top-p", "1.5"], /give a number above 0 to 1/],
    [["--rated", "some"], /give one of top-k, vocabulary/],
  ];
  for (const [options, message] of wrong) {
    await refuse(2, message, "generate", ...args, ...options);
  }
});
