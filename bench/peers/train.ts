import { basename } from "node:path";
import { command, positiveInteger } from "../../lib/cli/command.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import { openTrainingStep } from "../training_step.ts";
import { compare, peerOptions } from "./compare.ts";
import { epochRows, openEpoch, writeTokens } from "./epoch.ts";
import { timed } from "./rounds.ts";
import { backboneOf, trainingShapes, usualTraining } from "./shapes.ts";

/** Steps of training an ARM on full rectangles, and epochs over real texts. */
export const train = peerOptions(
  command(
    "train",
    "Steps of training an ARM, and with --data epochs over real texts, here and in PyTorch.",
  ),
  Object.keys(trainingShapes),
  usualTraining,
)
  .option("--data <file>", "labelled texts for an epoch in place of steps, such as SST-2's")
  .option("--texts <n>", "texts of the epoch", positiveInteger, 2000)
  .action(async ({ shape: names, rounds, python, json, data, texts }) => {
    const device = await openDevice("cpu");
    const usual = { script: "train.py", rounds, python, json };
    for (const name of names) {
      const { config, rows, time } = trainingShapes[name];
      if (data === undefined) {
        await using step = await openTrainingStep(
          "ARM",
          { backbone: backboneOf(config), rows, time },
          device,
        );
        await compare({
          ...usual,
          title: `a step of ${name}, ${rows} texts of ${time} tokens`,
          ours: [{ name: "Armature float32", round: timed(() => step.step()) }],
          setting: { config, rows, time },
        });
        continue;
      }
      const folder = await Deno.makeTempDir();
      try {
        const { examples, path } = await writeTokens(data, texts, config, folder);
        await using epoch = await openEpoch(backboneOf(config), examples, device);
        await compare({
          ...usual,
          title: `an epoch of ${name} over ${examples.length} texts of ${
            basename(data)
          }, ${epochRows} a batch`,
          ours: [epoch],
          setting: { config, rows: epochRows, time, texts: path },
        });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }
  });
