import { command, runCommand } from "./command.ts";
import { trainLm } from "./train_lm.ts";
import { trainReward } from "./train_reward.ts";

await runCommand(
  command("train", "Train a language model or a reward model.")
    .usage("lm|reward [options]")
    .addCommand(trainLm)
    .addCommand(trainReward),
);
