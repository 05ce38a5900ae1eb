import { runPretrainedDemo } from "../experiments/pretrained_demo.ts";
import { pretrainedDemoOptions } from "../experiments/pretrained_demo_options.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import { deviceChoices, openDevice } from "../runtime/device.ts";
import { choice, command, interruption, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { sweepTable } from "./sweep_table.ts";

const demo = command(
  "demo:pretrained",
  "Train reward models on a small pretrained model, in minutes, and steer it with them.",
)
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .action(async ({ device }, command) => {
    const began = performance.now();
    const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
    const given = givenOptions(command, pretrainedDemoOptions);
    const { prompt, beta } = {
      prompt: pretrainedDemoOptions.prompt.default,
      beta: pretrainedDemoOptions.beta.default,
      ...given,
    };
    const { texts, rows, models, chartFile, tableFile } = await runPretrainedDemo(
      await openDevice(device),
      {
        ...given,
        signal: interruption(),
        onStage: (stage) => console.error(`${seconds().padStart(5)} s  ${stage}`),
      },
    );
    console.log(`\n${visibleLine(prompt)}`);
    for (const { towards, continuations } of texts) {
      console.log(towards.length === 0 ? "unsteered" : `${towards.join(" and ")}, β = ${beta}`);
      for (const text of continuations) console.log(`  … ${visibleLine(text.trimStart())}`);
    }
    console.log(`\n${sweepTable(rows, "control")}\n`);
    console.log(
      "control is the probability of the attribute by a classifier of word n-grams, perplexity that a token under the model itself.",
    );
    console.log(`Base: ${models.base}`);
    console.log(`Chart: ${chartFile}   Table: ${tableFile}   ${seconds()} s in all`);
  });

addFlags(demo, pretrainedDemoOptions);
await runCommand(demo);
