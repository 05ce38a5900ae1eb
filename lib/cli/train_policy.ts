import { promptsOptions, readPrompts } from "../data/prompts.ts";
import { openScorer } from "../eval/scorers/mod.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import { kindIn } from "../models/language_model_spec.ts";
import type { OptionTable } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import {
  iterationOptions,
  policyOptions,
  policySource,
  ppoSettings,
  quarkSettings,
} from "../tuning/policy_options.ts";
import type { Rater } from "../eval/text_reward.ts";
import { trainPolicy } from "../tuning/train_policy.ts";
import { readModelConfig } from "../weights/model_folder.ts";
import { command } from "./command.ts";
import { addFlags, flagName, givenOptions } from "./option_flags.ts";
import { addTrainingFlags, chosenDevice } from "./training_flags.ts";
import { trainAndTell } from "./training_run.ts";

/** What the model writes from, and what rates its texts. */
const dataOptions = {
  prompts: {
    type: "text",
    required: true,
    placeholder: "file",
    help: "prompts: .txt (one a line), .jsonl, .tsv, .csv or .parquet",
  },
  ...promptsOptions,
  reward: {
    type: "text",
    required: true,
    placeholder: "what",
    help:
      "what rates its texts: a reward model's folder, or what --scorer of deno task score takes",
  },
} as const satisfies OptionTable;

const foreign = { quark: ppoSettings, ppo: quarkSettings } as const;

/** `train policy`. */
export const trainPolicyCommand = command(
  "policy",
  "Train a language model on the rewards of what it writes.",
);

trainPolicyCommand
  .usage("--method quark|ppo --init <dir> --prompts <file> --reward <what> --out <dir> [options]")
  .optionsGroup("Data:")
  .action(async (_, command) => {
    const { prompts: file = "", reward = "", textColumn } = givenOptions(
      trainPolicyCommand,
      dataOptions,
    );
    const given = givenOptions(trainPolicyCommand, policyOptions);
    const { method, init = "", out = "" } = given;
    if (method === undefined) return;
    for (const [name, option] of Object.entries<OptionTable[string]>(foreign[method])) {
      if (name in given) {
        const other = method === "quark" ? "ppo" : "quark";
        command.error(`error: option '${flagName(name, option)}' goes with --method ${other} only`);
      }
    }
    const prompts = await readPrompts(file, { textColumn });
    await trainAndTell(out, chosenDevice(trainPolicyCommand), async (device, run) => {
      await using rater = await openRater(reward, device);
      return await trainPolicy(prompts, rater, device, { ...given, ...run, method, init });
    });
  });

addFlags(trainPolicyCommand, dataOptions);
addFlags(trainPolicyCommand, policySource);
addFlags(trainPolicyCommand, policyOptions, { only: ["out"] });
addFlags(trainPolicyCommand.optionsGroup("Texts:"), iterationOptions, {
  except: ["epochs", "batchSize"],
});
addFlags(trainPolicyCommand.optionsGroup("Quark:"), quarkSettings);
addFlags(trainPolicyCommand.optionsGroup("PPO:"), ppoSettings);
addTrainingFlags(trainPolicyCommand, policyOptions);

/** A reward model where a folder holds one, and else a scorer. */
async function openRater(what: string, device: Device): Promise<Rater> {
  const config = await readModelConfig(what).catch(() => undefined);
  const isRewardModel = config !== undefined && kindIn(config) !== "lm";
  return isRewardModel ? await openRewardModel(what, device) : await openScorer(what, { device });
}
