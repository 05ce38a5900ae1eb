import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { runTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

interface Line {
  prompt: string;
  continuations: string[];
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
    assert.notDeepEqual(await generate("steered.jsonl", ...steering, "500"), plain);
  });
});
