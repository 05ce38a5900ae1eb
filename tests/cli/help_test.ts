import assert from "node:assert/strict";
import { refuse, runTask } from "./run_task.ts";

const commands = [
  ["train"],
  ["train", "lm"],
  ["train", "reward"],
  ["train", "classifier"],
  ["generate"],
  ["export"],
  ["fetch"],
  ["fetch", "model"],
  ["fetch", "dataset"],
  ["import"],
  ["quantize"],
  ["methods"],
  ["data"],
  ["data", "describe"],
  ["data", "list"],
  ["score"],
  ["golden"],
  ["demo"],
  ["explore"],
  ["docs"],
  ["notebooks"],
  ["reproduce"],
  ["reproduce", "sentiment"],
] as const;

for (const [task, ...subcommand] of commands) {
  const name = ["deno task", task, ...subcommand].join(" ");
  Deno.test(`${name} --help explains the command and ends well`, async () => {
    const { stdout, stderr } = await runTask(task, ...subcommand, "--help");
    assert.ok(stdout.startsWith(`Usage: ${name} `), stdout);
    assert.equal(stderr, "");
  });
}

Deno.test("wrong arguments end with exit code 2 and one sentence", async () => {
  const train = ["train", "lm", "--text", "a.txt", "--out", "b"] as const;
  const reward = ["train", "reward", "--data", "a.tsv", "--base", "b", "--out", "c"] as const;
  const generate = ["generate", "--base", "a"] as const;
  await refuse(2, /unknown option '--epoch' \(Did you mean --epochs\?\)/, ...train, "--epoch", "1");
  await refuse(2, /'--text <file...>' not specified/, "train", "lm");
  await refuse(2, /'x' is invalid: give a number above 0/, ...train, "--epochs", "x");
  await refuse(2, /'1e9999' is invalid: give a number above 0/, ...train, "--rate", "1e9999");
  await refuse(2, /'gpu' is invalid: .*auto, cpu, webgpu, cuda/, ...train, "--device", "gpu");
  await refuse(2, /too many arguments/, ...train, "c");
  await refuse(2, /'--teacher' goes with --kind arm/, ...reward, "--kind", "rad", "--teacher", "t");
  const codes = ["--kind", "gedi", "--codes", "good"] as const;
  await refuse(2, /'--codes' takes 2 values/, ...reward, ...codes);
  await refuse(
    2,
    /'--generative-weight' goes with --kind gedi/,
    ...reward,
    "--kind",
    "arm",
    "--gen-weight",
    "1",
  );
  await refuse(
    2,
    /'--published' goes with --kind arm or rad/,
    ...reward,
    "--kind",
    "fudge",
    "--published",
  );
  await refuse(2, /'--width' cannot be used with --init/, ...train, "--init", "c", "--width", "8");
  await refuse(2, /either --prompt or --prompts/, ...generate);
  await refuse(2, /'--beta' must follow the --reward/, ...generate, "--prompt", "x", "--beta", "1");
});
