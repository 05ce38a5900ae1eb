import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { filesIn, tinySizes, writeTinyModels, writeTinyTexts } from "./tiny_inputs.ts";

Deno.test("quantize writes copies that generate, and says what they lose", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const { texts, labelled } = await writeTinyTexts(folder);
    const [fewBase, fewArm] = [join(folder, "few", "base"), join(folder, "few", "arm")];
    const report = ["--texts", "30"];

    const ofBase = await runTask(
      ...["quantize", "--model", base, "--out", fewBase, "--report", texts, ...report] as const,
    );
    assert.equal(ofBase.stderr, `Wrote '${fewBase}'.\n`);
    assert.match(ofBase.stdout, /^ +float32 +8 bits\nperplexity of \d+ tokens +\d/);
    assert.match(ofBase.stdout, /\nrelative error of logits +\d/);
    assert.match(ofBase.stdout, /\na step of 25 texts, ms .* × as fast\nweights, MB +\S+ +\S+\n$/);

    const ofArm = await runTask(
      ...["quantize", "--model", arm, "--out", fewArm, "--bits", "4", "--block", "16"] as const,
      ...["--report", labelled, "--base", base, ...report],
    );
    assert.match(
      ofArm.stdout,
      /^ +float32 +4 bits\ndifference of \d+ scores, mean +\S+\nthe largest /,
    );

    const { stdout, stderr } = await runTask(
      ...["generate", "--base", fewBase, "--reward", fewArm, "--label", "positive"] as const,
      ...["--prompt", "the film was", "--n", "2", "--device", "cpu"],
    );
    assert.match(stdout, /^the film was\n +… /);
    assert.match(stderr, /arm 1\.\n$/);
  });
});

Deno.test("quantize and what cannot use its copies refuse bad input", async () => {
  await withTemporaryFolder(async (folder) => {
    const { base, arm } = await writeTinyModels(folder);
    const { texts, labelled } = await writeTinyTexts(folder);
    const few = join(folder, "few");
    await runTask("quantize", "--model", base, "--out", few);
    const out = ["--out", join(folder, "out")];
    const quantize = ["quantize", ...out] as const;
    await refuse(2, /'--model <dir>' not specified/, ...quantize);
    await refuse(2, /give one of 8, 4/, ...quantize, "--model", base, "--bits", "3");
    await refuse(2, /give one of 16, 32, 64/, ...quantize, "--model", base, "--block", "33");
    await refuse(2, /needs --base/, ...quantize, "--model", arm, "--report", texts);
    await refuse(2, /goes with --report/, ...quantize, "--model", arm, "--base", base);
    await refuse(1, /there is no such folder/, ...quantize, "--model", join(folder, "none"));
    await refuse(1, /there is no such file/, ...quantize, "--model", base, "--report", "none.txt");
    await refuse(1, /into itself/, "quantize", "--model", base, "--out", base);

    const refusal = /holds a model quantized to 8 bits, which can only be run/;
    await refuse(1, refusal, ...quantize, "--model", few);
    await refuse(1, refusal, "export", "--base", few, ...out);
    const reward = ["train", "reward", "--kind", "arm", "--data", labelled] as const;
    const labels = ["--label", "positive", "--device", "cpu"];
    await refuse(1, refusal, ...reward, "--base", few, ...labels, ...out);
    const cpu = tinySizes.slice(-2);
    await refuse(1, refusal, "train", "lm", "--text", texts, "--init", few, ...cpu, ...out);
    assert.equal((await filesIn(out[1])).size, 0);
  });
});
