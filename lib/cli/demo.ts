import { runWorldDemo } from "../experiments/world_demo.ts";
import { worldDemoOptions } from "../experiments/world_demo_options.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import { deviceChoices, openDevice } from "../runtime/device.ts";
import { choice, command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { sweepTable } from "./sweep_table.ts";

const demo = command(
  "demo",
  "Train reward models on a small world of texts and steer a language model with them, in minutes.",
)
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .action(async ({ device }, command) => {
    const began = performance.now();
    const result = await runWorldDemo(await openDevice(device), {
      ...givenOptions(command, worldDemoOptions),
      onStage: (stage) => console.log(`${seconds(began).padStart(5)} s  ${stage}`),
    });
    console.log(`\n${sweepTable(result.rows, "positive")}\n`);
    console.log(
      `"positive" is the exact probability that a text is positive, perplexity the true one a word: ` +
        `the world's own texts have ${result.truePerplexity.toFixed(2)}.`,
    );
    for (const beta of [0, 20]) {
      const row = result.rows.find((row) => row.system === "ARM, distilled" && row.beta === beta);
      const sample = row?.generation.texts[0];
      if (!sample) continue;
      console.log(`  β=${beta}: ${visibleLine(sample.prompt + sample.continuations[0])}`);
    }
    console.log(
      `Chart: ${result.chartFile}   Table: ${result.tableFile}   ${seconds(began)} s in all`,
    );
  });

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

addFlags(demo, worldDemoOptions);
await runCommand(demo);
