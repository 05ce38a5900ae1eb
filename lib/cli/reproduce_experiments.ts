import { dirname, join } from "node:path";
import {
  type ExperimentName,
  experimentNames,
  planExperiments,
} from "../experiments/experiments.ts";
import { openProfile } from "../experiments/open_profile.ts";
import {
  type ProfileName,
  profileNames,
  type ProfileOptions,
  profileOptions,
} from "../experiments/profile_options.ts";
import { reportFile, writeOutcome } from "../experiments/write_outcome.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import type { OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { StageStore } from "../stages/stage_store.ts";
import { command } from "./command.ts";
import { dataFolder } from "../data/data_folder.ts";
import { deviceOption } from "./device_option.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { scaleOptions } from "./scale_options.ts";
import { checkWorkOptions, openWorkDevice, workOnStages } from "./work_on_stages.ts";

/** What the commands take beside the options of the profile. */
const runOptions = {
  profile: {
    type: "choice",
    of: profileNames,
    default: "world",
    placeholder: "name",
    help: "which models and data",
  },
  data: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "ARMATURE_DATA, or ../shared/data",
    help: "folder of the data",
  },
  dryRun: {
    type: "boolean",
    default: false,
    help: "print the plan with estimates of time, disk and memory, and do nothing",
  },
  out: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "runs/PROFILE",
    help: "folder for report, tables, figures, texts",
  },
  ...outputOptions,
  store: {
    type: "text",
    default: "runs/stages",
    placeholder: "dir",
    help: "folder that keeps the results of all stages",
  },
  ...scaleOptions,
  ...deviceOption,
} as const satisfies OptionTable;

/** The profiles that have an option, where not all do. */
const profilesOf = {
  budget: ["real", "pretrained"],
  models: ["pretrained"],
  scorer: ["paper"],
  settings: ["paper"],
} as const satisfies Partial<Record<keyof ProfileOptions, readonly ProfileName[]>> as Readonly<
  Record<"budget" | "models" | "scorer" | "settings", readonly ProfileName[]>
>;

/** A command of `deno task reproduce` that runs some experiments of a profile. */
function experiments(name: string, description: string, wanted: readonly ExperimentName[]) {
  const experiment = command(name, description)
    .action(async (_, command) => {
      const options = settle("reproduce", runOptions, givenOptions(command, runOptions));
      const { profile: profileName, data, dryRun, overwrite, store: path, stage } = options;
      checkWorkOptions(command, options);
      const out = options.out ?? join("runs", profileName);
      const given = givenOptions(command, profileOptions, { except: ["data"] });
      for (const [name, profiles] of Object.entries(profilesOf)) {
        const value = given[name as keyof typeof profilesOf];
        if (value === undefined || profiles.includes(profileName)) continue;
        command.error(`error: option '--${name}' goes with --profile ${profiles.join(" or ")}`);
      }
      const keep = () => keepFinished(out, overwrite, join(out, reportFile));
      if (!dryRun && !stage) await keep();
      const device = await openWorkDevice(options.device, options);
      const profile = await openProfile(profileName, {
        ...given,
        data: dataFolder(data),
        // no database on a disk that many machines write to: their scores are kept with the stages
        ...(stage && options.on ? {} : { scores: join(dirname(path), "scores.sqlite") }),
      });
      const plan = planExperiments(profile, wanted);
      const store = new StageStore(path);
      if (!stage) { for (const note of profile.notes ?? []) console.log(note); }
      if (!await workOnStages(store, plan.results, device, options)) return;
      await using _lock = await lockFolder(out);
      await keep();
      const flags = Object.entries({ profile: profileName, ...given, device: device.name })
        .map(([name, value]) => `--${name} ${value}`);
      const report = await writeOutcome(out, {
        profile,
        plan,
        store,
        context: { device },
        command: `deno task reproduce ${name} ${flags.join(" ")}`,
      });
      console.log(`Report: ${report}`);
    });
  addFlags(experiment, runOptions);
  addFlags(experiment, profileOptions, { except: ["data"] });
  return experiment;
}

export const detox = experiments(
  "detox",
  "Detoxification: figure 2 and table 2, with areas between the systems' curves.",
  ["detox"],
);
export const sentiment = experiments(
  "sentiment",
  "Sentiment control: figure 3 and table 3, with areas between the systems' curves.",
  ["sentiment"],
);
export const ablation = experiments(
  "ablation",
  "Without regularizer and baseline: figures 4 and 5, and the rank of the rewards.",
  ["ablation"],
);
export const optimum = experiments(
  "optimum",
  "All systems beside the best that is possible: control against nats from the base.",
  ["optimum"],
);
export const all = experiments("all", "All of them, in one report.", experimentNames);
