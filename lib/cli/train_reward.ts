import {
  type LabelledTexts,
  labelledTextsOptions,
  readLabelledTexts,
} from "../data/labelled_texts.ts";
import { readTexts } from "../data/texts.ts";
import {
  foreignSetting,
  methodSettings,
  rewardModelTable,
} from "../methods/reward_model_options.ts";
import { trainRewardModel } from "../methods/train_reward_model.ts";
import { command } from "./command.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { addTrainingFlags, chosenDevice } from "./training_flags.ts";
import { trainAndTell } from "./training_run.ts";

/**
 * `train reward`, with the kinds and settings of all methods that there are. The defaults are the paper's (appendix A), but
 * for a learning rate that fits the base.
 */
export function trainReward() {
  const table = rewardModelTable();
  const settings = methodSettings();
  const trainReward = command(
    "reward",
    "Train a reward model on labelled texts, or distil one from a teacher.",
  );
  trainReward
    .usage("--kind <kind> --data <file...> --base <dir> --out <dir> [options]")
    .optionsGroup("Data:")
    .requiredOption("--data <file...>", "labelled texts: .tsv, .csv, .jsonl or .parquet")
    .action(async (options, command) => {
      const given = givenOptions(trainReward, table);
      const { kind, base = "", out = "", teacher, published, accumulationSteps = 1 } = given;
      if (kind === undefined) return;
      const foreign = foreignSetting(kind, given);
      if (foreign) {
        const flag = flagName(foreign.name, settings[foreign.name]);
        command.error(
          `error: option '${flag}' goes with --kind ${foreign.kinds.join(" or ")} only`,
        );
      }
      const { labels, missing, ...columns } = givenOptions(trainReward, labelledTextsOptions);
      if (teacher !== undefined && labels !== undefined) {
        command.error("error: option '--label' cannot be used with --teacher, which has its own");
      }
      if (published && accumulationSteps > 1) {
        command.error(
          "error: option '--published' cannot be used with --accumulation-steps above 1",
        );
      }
      const texts = teacher === undefined
        ? await readLabelledTexts(options.data, { ...columns, labels, missing })
        : unlabelled(await readTexts(options.data, columns));
      if (texts.skipped > 0) console.error(`Left out ${texts.skipped} rows without text or label.`);
      await trainAndTell(
        out,
        chosenDevice(trainReward),
        (device, run) => trainRewardModel(texts, device, { ...given, kind, base, ...run }),
      );
    });
  addFlags(trainReward, labelledTextsOptions);
  addFlags(trainReward, table, { only: ["base", "out"] });
  addFlags(trainReward.optionsGroup("Model:"), { kind: table.kind, ...settings });
  addTrainingFlags(trainReward, table);
  return trainReward;
}

function unlabelled(texts: string[]): LabelledTexts {
  return { texts, labels: new Float32Array(0), labelNames: [], skipped: 0 };
}
