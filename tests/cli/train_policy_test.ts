import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";

Deno.test("train policy trains on the rewards of a scorer or a reward model", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const prompts = join(folder, "prompts.txt");
    await Deno.writeTextFile(prompts, "the film\nthe food\n");
    const policy = ["policy", "--device", "cpu", "--init", base, "--prompts", prompts]
      .concat("--label", "positive");
    const short = [
      "--iterations",
      "1",
      "--rollouts",
      "4",
      "--epochs",
      "1",
      "--max-new-tokens",
      "3",
    ];
    const out = join(folder, "out");
    const quark = ["--method", "quark", "--reward", "world", "--quantiles", "2"];
    const { stdout } = await runTask("train", ...policy, ...short, ...quark, "--out", out);
    assert.match(stdout, /^Last batch: loss \d.*, nll .*, kl .*, reward \d/);
    const ppo = [...policy, ...short, "--method", "ppo", "--reward", arm, "--out", out];
    await refuse(1, /is there already, and finished: use --overwrite/, "train", ...ppo);
    await runTask("train", ...ppo, "--overwrite");
    await refuse(
      1,
      /has no label 'kind': it has /,
      "train",
      ...ppo,
      "--overwrite",
      "--label",
      "kind",
    );
    await refuse(2, /'--quantiles' goes with --method quark/, "train", ...ppo, "--quantiles", "3");
  });
});
