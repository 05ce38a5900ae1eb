import assert from "node:assert/strict";
import { join } from "node:path";
import { modelSpecJson, parseModelSpec } from "../../lib/methods/model_spec.ts";
import type { LanguageModelSpec } from "../../lib/models/language_model_spec.ts";
import { openModelFolder } from "../../lib/weights/model_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { outcomeOf, refuse, runTask, startTask } from "./run_task.ts";
import { filesIn, tinySizes, writeTinyModels, writeTinyTexts } from "./tiny_inputs.ts";

async function specIn(folder: string) {
  return parseModelSpec((await openModelFolder(folder)).config, folder);
}

const cpuOnce = ["--device", "cpu", "--epochs", "1", "--rate", "1e-3"];

Deno.test("train lm and train reward make models of every kind, and generate steers with them", async () => {
  await withTemporaryFolder(async (folder) => {
    const { texts, labelled } = await writeTinyTexts(folder);
    const [lm, rad, arm, distilled] = ["lm", "rad", "arm", "distilled"].map((name) =>
      join(folder, name)
    );
    const { stdout, stderr } = await runTask(
      ...["train", "lm", "--text", texts, "--out", lm, ...tinySizes, "--epochs", "1"] as const,
    );
    assert.match(stdout, /^Last batch: +loss \d.*\n\d+ held-out texts: +loss \d/);
    assert.match(
      stdout,
      /\nConstant prediction: loss \d[^]*\nThe model is in '.*lm', after 7 steps\.\n$/,
    );
    assert.match(stderr, /^Training takes about \d+ MB of memory: .* for a step\.\n$/);

    const reward = ["reward", "--data", labelled, "--base", lm, ...cpuOnce];
    const labels = ["--label", "positive", "rude"];
    await runTask("train", ...reward, "--kind", "rad", "--out", rad, ...labels);
    await runTask("train", ...reward, "--kind", "arm", "--out", arm, ...labels, "--no-baseline");
    await runTask("train", ...reward, "--kind", "arm", "--out", distilled, "--teacher", rad);
    assert.equal((await specIn(lm)).kind, "lm");
    assert.equal((await specIn(rad)).kind, "rad");
    const { backbone } = await specIn(lm) as LanguageModelSpec;
    const rewarding = { kind: "arm", backbone, labels: ["positive", "rude"] } as const;
    for (const [path, baseline] of [[arm, false], [distilled, true]] as const) {
      const expected = modelSpecJson({ ...rewarding, baseline });
      assert.deepEqual(modelSpecJson(await specIn(path)), expected);
    }

    const generated = await runTask(
      "generate",
      ...["--base", lm, "--prompt", "the film", "--n", "2", "--k", "5", "--device", "cpu"],
      ...["--reward", distilled, "--beta", "20", "--label", "positive"],
      ...["--reward", rad, "--label", "rude", "--inverse", "--label", "positive", "--beta", "5"],
    );
    assert.match(generated.stdout, /^the film\n {2}… /);
    assert.match(generated.stderr, /backbone calls a step: base 1, arm 1, rad 5\.\n$/);
  });
});

Deno.test("FUDGE, GeDi and DExperts are trained on one label, resumed, and steer", async () => {
  await withTemporaryFolder(async (folder) => {
    const { texts, labelled } = await writeTinyTexts(folder);
    const { base } = await writeTinyModels(folder);
    const lm = join(folder, "lm");
    await runTask(
      ...["train", "lm", "--text", texts, "--init", base, "--out", lm, ...cpuOnce] as const,
    );
    const reward = ["reward", "--data", labelled, "--base", lm, "--label", "positive", ...cpuOnce];
    const steer: string[] = [];
    for (const kind of ["fudge", "gedi", "dexperts"]) {
      const out = join(folder, kind);
      const train = [...reward, "--kind", kind, "--out", out];
      if (kind === "gedi") train.push("--codes", "kind", "rude", "--gen-weight", "0.5");
      const { stdout } = await runTask("train", ...train);
      assert.match(stdout, /^Last batch: +loss \d[^]*\nThe model is in '.*', after \d+ steps\.\n$/);
      const again = await runTask("train", ...train, "--resume");
      assert.match(again.stdout, /^This run had ended before: its model is in /);
      const spec = parseModelSpec(
        JSON.parse(await Deno.readTextFile(join(out, "config.json"))),
        out,
      );
      assert.equal(spec.kind, kind);
      steer.push("--reward", out, "--beta", "3");
    }
    const generated = await runTask(
      ...["generate", "--base", lm, "--prompt", "the film", "--k", "5", "--device", "cpu"] as const,
      ...steer,
    );
    assert.match(generated.stdout, /^the film\n {2}… /);
    assert.match(generated.stderr, /base 1, fudge 5, gedi 2, dexperts 2\.\n$/);
  });
});

Deno.test("--published trains as the authors' code does, but for what is given", async () => {
  await withTemporaryFolder(async (folder) => {
    const { labelled } = await writeTinyTexts(folder);
    const { base } = await writeTinyModels(folder);
    const out = join(folder, "published");
    await runTask(
      ...["train", "reward", "--kind", "arm", "--data", labelled, "--base", base] as const,
      ...["--out", out, "--label", "positive", ...cpuOnce, "--published", "--clip", "0"],
    );
    const rows = (await Deno.readTextFile(join(out, "metrics.jsonl"))).trim().split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(rows.map(({ rate }) => rate), [1e-3, 5e-4]);
    assert.ok(rows.every((row) => !("grad_norm" in row)));
  });
});

Deno.test("Ctrl-C ends training with a checkpoint that --resume goes on from", async () => {
  await withTemporaryFolder(async (folder) => {
    const { texts } = await writeTinyTexts(folder);
    const out = join(folder, "lm");
    const train = ["lm", "--text", texts, "--out", out, ...tinySizes, "--epochs", "20"];
    const child = startTask("train", train);
    const metrics = join(out, "metrics.jsonl");
    while (!(await Deno.readTextFile(metrics).catch(() => "")).includes("\n")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const stopped = await outcomeOf(child);
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /\.\nStopped after step \d+, .* with --resume to go on\.\n$/);

    const before = await filesIn(out);
    await refuse(1, /holds the checkpoint of a run that did not end/, "train", ...train);
    await refuse(
      1,
      /learningRate: 0.001 before, 0.5 now/,
      "train",
      ...train,
      "--resume",
      "--rate",
      "0.5",
    );
    assert.deepEqual(await filesIn(out), before);

    const resumed = await runTask("train", ...train, "--resume");
    assert.match(resumed.stdout, /\nThe model is in '.*', after 140 steps\.\n$/);
    assert.equal((await Deno.readTextFile(metrics)).trim().split("\n").length, 140);
    const again = await runTask("train", ...train, "--resume");
    assert.match(again.stdout, /^This run had ended before: its model is in /);
    const longer = await runTask("train", ...train, "--resume", "--epochs", "21");
    assert.match(
      longer.stdout,
      /\nIt went on from step 140 of a finished run with other settings \(epochs: 20 before, 21 now\).*\nThe model is in '.*', after 147 steps\.\n$/,
    );
    await refuse(1, /is there already, and finished: use --overwrite/, "train", ...train);
    await runTask("train", ...train, "--overwrite", "--epochs", "1");
    assert.equal((await Deno.readTextFile(metrics)).trim().split("\n").length, 7);
  });
});
