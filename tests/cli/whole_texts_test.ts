import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

Deno.test("generate keeps the best of n texts, or segments that are accepted, and writes their rewards", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const rated = ["--reward", arm, "--label", "positive", "--device", "cpu"];
    const args = ["generate", "--base", base, "--prompt", "the film", ...rated] as const;
    const drawn = async (...more: string[]) => {
      const out = join(folder, "drawn.jsonl");
      const sampling = ["--samples", "6", "--max-new-tokens", "8", "--out", out, "--overwrite"];
      const { stderr } = await runTask(...args, ...sampling, ...more);
      assert.match(stderr, /base 1, base for texts not kept [\d.]+, texts rated [\d.]+/);
      return JSON.parse(await Deno.readTextFile(out));
    };
    const best = ["--method", "best-of-n", "--best-of"];
    const [one, eight] = [await drawn(...best, "1"), await drawn(...best, "8")];
    const mean = ({ rewards }: { rewards: number[] }) =>
      rewards.reduce((sum, reward) => sum + reward, 0) / 6;
    assert.ok(mean(eight) > mean(one));
    assert.ok(Math.abs(one.divergence) < 1e-9 && eight.divergence > 0.5);
    const cards = await drawn("--method", "cards", "--beta", "20");
    assert.equal(cards.continuations.length, 6);
    assert.ok(mean(cards) > mean(one));
    await refuse(
      2,
      /option '--beta' does not go with --method best-of-n/,
      ...args,
      ...best,
      "2",
      "--beta",
      "3",
    );
  });
});
