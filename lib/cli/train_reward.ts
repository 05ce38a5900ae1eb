import {
  type LabelledTexts,
  labelledTextsOptions,
  readLabelledTexts,
} from "../data/labelled_texts.ts";
import { preferencePairsOptions, readPreferencePairs } from "../data/preference_pairs.ts";
import { readTexts } from "../data/texts.ts";
import { methodOf } from "../methods/mod.ts";
import { misfit } from "../methods/reward_data.ts";
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
    "Train a reward model on labelled texts or preference pairs, or distil one from a teacher.",
  );
  trainReward
    .usage("--kind <kind> --data|--pairs <file...> --base <dir> --out <dir> [options]")
    .optionsGroup("Data:")
    .option("--data <file...>", "labelled texts: .tsv, .csv, .jsonl or .parquet")
    .option("--pairs <file...>", "preference pairs, {prompt, chosen, rejected}, in place of --data")
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
      if ((options.data === undefined) === (options.pairs === undefined)) {
        command.error("error: give either --data, labelled texts, or --pairs, preference pairs");
      }
      const problem = misfit(methodOf(kind)!, options.pairs ? "pairs" : "texts", given);
      if (problem !== undefined) command.error(`error: ${problem}`);
      const { labels, missing, ...columns } = givenOptions(trainReward, labelledTextsOptions);
      const ofPairs = givenOptions(trainReward, pairColumns);
      const [other, of] = options.pairs
        ? [{ labels, ...columns }, "--data"] as const
        : [ofPairs, "--pairs"] as const;
      const stray = Object.entries(other).find(([, value]) => value !== undefined);
      if (stray) {
        const flag = flagName(stray[0], tables[stray[0] as keyof typeof tables]);
        command.error(`error: option '${flag}' goes with ${of} only`);
      }
      if (teacher !== undefined && labels !== undefined) {
        command.error("error: option '--label' cannot be used with --teacher, which has its own");
      }
      if (published && accumulationSteps > 1) {
        command.error(
          "error: option '--published' cannot be used with --accumulation-steps above 1",
        );
      }
      const { data: files = [], pairs } = options;
      const data = pairs
        ? await readPreferencePairs(pairs, { ...ofPairs, missing })
        : teacher === undefined
        ? await readLabelledTexts(files, { ...columns, labels, missing })
        : unlabelled(await readTexts(files, columns));
      if (data.skipped > 0) {
        const lacking = pairs ? "an answer" : "text or label";
        console.error(`Left out ${data.skipped} rows without ${lacking}.`);
      }
      await trainAndTell(
        out,
        chosenDevice(trainReward),
        (device, run) => trainRewardModel(data, device, { ...given, kind, base, ...run }),
      );
    });
  addFlags(trainReward, labelledTextsOptions);
  addFlags(trainReward, pairColumns);
  addFlags(trainReward, table, { only: ["base", "out"] });
  addFlags(trainReward.optionsGroup("Model:"), { kind: table.kind, ...settings });
  addTrainingFlags(trainReward, table);
  return trainReward;
}

const { missing: _, ...pairColumns } = preferencePairsOptions;
const tables = { ...labelledTextsOptions, ...pairColumns };

function unlabelled(texts: string[]): LabelledTexts {
  return { texts, labels: new Float32Array(0), labelNames: [], skipped: 0 };
}
