import { command, runCommand } from "./command.ts";
import { trainClassifier } from "./train_classifier.ts";
import { trainLm } from "./train_lm.ts";
import { trainPolicyCommand } from "./train_policy.ts";
import { trainReward } from "./train_reward.ts";

await runCommand(
  command("train", "Train a language model, a reward model, a policy or a classifier.")
    .usage("lm|reward|policy|classifier [options]")
    .addCommand(trainLm)
    .addCommand(trainReward())
    .addCommand(trainPolicyCommand)
    .addCommand(trainClassifier),
);
