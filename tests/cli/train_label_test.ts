import assert from "node:assert/strict";
import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { tinySizes, writeTinyTexts } from "./tiny_inputs.ts";

Deno.test("train lm --method ctrl makes a model that generate begins with a control code", async () => {
  await withTemporaryFolder(async (folder) => {
    const { labelled } = await writeTinyTexts(folder);
    const out = join(folder, "ctrl");
    const ctrl = ["lm", "--method", "ctrl", "--text", labelled, "--label", "rude", "--out", out];
    const { stdout } = await runTask("train", ...ctrl, ...tinySizes, "--epochs", "1");
    assert.match(stdout, /\nThe model is in '.*ctrl', after \d+ steps\.\n$/);
    const say = ["--base", out, "--prompt", "the", "--samples", "1", "--device", "cpu"];
    await runTask("generate", ...say, "--control-code", "false");
    await refuse(
      1,
      /has no control code 'no': it has /,
      "generate",
      ...say,
      "--control-code",
      "no",
    );
  });
});

Deno.test("options of a label that do not go together are wrong usage", async () => {
  const lm = ["lm", "--text", "a.tsv", "--out", "b"];
  await refuse(2, /'--threshold' goes with --method only/, "train", ...lm, "--threshold", "1");
  await refuse(2, /name it with --init/, "train", ...lm, "--method", "dapt");
});
