import { join } from "node:path";
import { runRealSentiment } from "../experiments/real_sentiment.ts";
import { deviceChoices, openDevice } from "../runtime/device.ts";
import { choice, command, integer, number, positiveInteger, runCommand } from "./command.ts";
import { efficiency } from "./reproduce_efficiency.ts";
import { sweepTable } from "./sweep_table.ts";

const sentiment = command(
  "sentiment",
  "Sentiment control: train on real text from scratch, steer neutral prompts, and judge.",
)
  .addOption(choice("--profile <name>", "which data and sizes", ["real"]).default("real" as const))
  .option("--data <dir>", "folder of the data (default: ARMATURE_DATA, or ../shared/data)")
  .option("--budget <minutes>", "what the run may take on 2 cores", number({ min: 0.1 }), 20)
  .option("--prompts <n>", "neutral prompts", positiveInteger, 100)
  .option("--samples <n>", "continuations of each", positiveInteger, 25)
  .option("--out <dir>", "folder for models, table and chart", "runs/sentiment-real")
  .option("--seed <n>", "seed of everything random", integer({ min: 0 }), 0)
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .action(async ({ data, budget, prompts, samples, out, seed, device }) => {
    const began = performance.now();
    const result = await runRealSentiment(await openDevice(device), {
      data: data ?? Deno.env.get("ARMATURE_DATA") ?? join("..", "shared", "data"),
      budget,
      prompts,
      samples,
      out,
      seed,
      onStage: (stage) => console.log(`${minutes(began)} min  ${stage}`),
    });
    console.log(`\n${sweepTable(result.rows, "positive rate")}\n`);
    console.log(
      `Chart: ${result.chartFile}   Table: ${result.tableFile}   ${minutes(began)} min in all`,
    );
  });

function minutes(since: number): string {
  return ((performance.now() - since) / 60_000).toFixed(1).padStart(4);
}

await runCommand(
  command("reproduce", "Reproduce an experiment of the paper.").addCommand(sentiment)
    .addCommand(efficiency),
);
