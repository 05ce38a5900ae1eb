import { join } from "node:path";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { tinySizes, writeTinyTexts } from "./tiny_inputs.ts";

Deno.test("train reward --pairs makes models that steer by the label that chosen texts have more of", async () => {
  await withTemporaryFolder(async (folder) => {
    const { labelled } = await writeTinyTexts(folder);
    const base = join(folder, "base");
    await runTask("train", "lm", "--text", labelled, "--out", base, ...tinySizes, "--epochs", "1");
    const pairs = join(folder, "pairs.jsonl");
    const row = { prompt: "the", chosen: " good film", rejected: " bad film" };
    await Deno.writeTextFile(pairs, Array(4).fill(JSON.stringify(row)).join("\n"));
    const reward = ["reward", "--pairs", pairs, "--base", base, "--epochs", "1"];
    const out = join(folder, "genarm");
    const named = ["--preference", "kind", "--batch-size", "2"];
    await runTask("train", ...reward, "--kind", "genarm", "--out", out, ...named);
    const say = ["--base", base, "--prompt", "the", "--samples", "1", "--device", "cpu"];
    await runTask("generate", ...say, "--reward", out, "--label", "kind", "--beta", "1");

    await Deno.writeTextFile(pairs, JSON.stringify({ prompt: "the", rejected: "bad" }));
    await refuse(
      1,
      /it has no column 'chosen'/,
      "train",
      ...reward,
      "--kind",
      "arm",
      "--out",
      join(folder, "none"),
    );
  });
});

Deno.test("pairs with what does not learn from them, and LoRA where only a head trains, are wrong usage", async () => {
  const reward = ["reward", "--base", "b", "--out", "c"];
  await refuse(2, /give either --data, .* or --pairs/, "train", ...reward, "--kind", "arm");
  const of = (kind: string) => [...reward, "--kind", kind];
  await refuse(
    2,
    /'--label' goes with --data only/,
    "train",
    ...of("arm"),
    "--pairs",
    "a",
    "--label",
    "x",
  );
  const lora = ["--data", "a", "--lora", "rank=2"];
  await refuse(2, /kind pplm is a head on a base model/, "train", ...of("pplm"), ...lora);
  await refuse(2, /kind gedi learns from two classes/, "train", ...of("gedi"), "--pairs", "a");
  await refuse(
    2,
    /kind farma learns from preference pairs/,
    "train",
    ...of("farma"),
    "--data",
    "a",
  );
  await refuse(
    2,
    /'teacher' does not go with pairs/,
    "train",
    ...of("arm"),
    "--pairs",
    "a",
    "--teacher",
    "t",
  );
});
