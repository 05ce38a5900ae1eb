import { checkpointKinds } from "../nn/checkpoint_names.ts";
import { importCheckpoint } from "../reward/import_checkpoint.ts";
import { choice, command, runCommand } from "./command.ts";

const importing = command(
  "import",
  "Write a reward model whose state dict was published as a folder of ours.",
)
  .usage("--checkpoint <file> --config <dir> --kind <kind> --labels <name…> --out <dir>")
  .requiredOption("--checkpoint <file>", "state dict: pytorch_model.bin, .pt, .pth or .safetensors")
  .requiredOption(
    "--config <dir>",
    "folder of the GPT-2 that it was trained from, with its tokenizer",
  )
  .addOption(
    choice("--kind <kind>", "rad: RAD's GPT2RewardModel; arm: GPT2RewardSoftModel", checkpointKinds)
      .makeOptionMandatory(),
  )
  .requiredOption("--labels <name...>", "names of its labels, in the order of its head")
  .requiredOption("--out <dir>", "folder to write")
  .addHelpText(
    "after",
    `
RAD's released toxicity teacher, whose labels are those of Jigsaw:
  gpt2=$(deno task --quiet fetch model openai-community/gpt2)
  rms=$(deno task --quiet fetch model hk/rad_rms --file 'gpt2_toxicity/*')
  deno task import --checkpoint "$rms"/gpt2_toxicity/pytorch_model.bin --config "$gpt2" --kind rad --out models/rad-toxicity \\
    --labels toxicity severe_toxicity obscene identity_attack insult threat sexual_explicit`,
  )
  .action(async ({ out, ...options }) => {
    await importCheckpoint({ ...options, out });
    console.error(`Wrote '${out}'.`);
  });

await runCommand(importing);
