import { command, runCommand } from "./command.ts";
import { efficiency } from "./reproduce_efficiency.ts";
import { ablation, all, detox, optimum, sentiment } from "./reproduce_experiments.ts";

const reproduce = command("reproduce", "Reproduce experiments of the paper.");
for (const experiment of [detox, sentiment, ablation, optimum, efficiency, all]) {
  reproduce.addCommand(experiment);
}

await runCommand(reproduce);
