import { command, runCommand } from "../../lib/cli/command.ts";
import { addFlags, givenOptions } from "../../lib/cli/option_flags.ts";
import { scaleOptions } from "../../lib/cli/scale_options.ts";
import { checkWorkOptions, openWorkDevice, workOnStages } from "../../lib/cli/work_on_stages.ts";
import { planExperiments } from "../../lib/experiments/experiments.ts";
import type { OptionTable } from "../../lib/options/option.ts";
import { settle } from "../../lib/options/settle.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { smallProfile } from "./small_profile.ts";

const options = {
  prompts: { type: "integer", min: 10, default: 190, help: "how many prompts there are" },
  store: { type: "text", required: true, help: "folder of the results" },
  dryRun: { type: "boolean", default: false, help: "only show it" },
  ...scaleOptions,
} as const satisfies OptionTable;

/** What `reproduce` does with stages, for a plan of many that take no time. */
const plan = command("plan", "A small plan, for what shows how stages fare on a cluster.")
  .action(async (_, command) => {
    const settled = settle("plan", options, givenOptions(command, options));
    checkWorkOptions(command, settled);
    const device = await openWorkDevice("cpu", settled);
    const { results } = planExperiments(smallProfile(settled.prompts), ["detox"]);
    await workOnStages(new StageStore(settled.store), results, device, settled);
  });
addFlags(plan, options);
await runCommand(plan);
