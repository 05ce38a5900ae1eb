import {
  importCheckpoint,
  type ImportOptions,
  importOptions,
} from "../methods/import_checkpoint.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const importing = command(
  "import",
  "Write a reward model whose state dict was published as a folder of ours.",
)
  .usage("--checkpoint <file> --config <dir> --kind <kind> --labels <name…> --out <dir>")
  .addHelpText(
    "after",
    `
RAD's released toxicity teacher, whose labels are those of Jigsaw:
  gpt2=$(deno task --quiet fetch model openai-community/gpt2)
  rms=$(deno task --quiet fetch model hk/rad_rms --file 'gpt2_toxicity/*')
  deno task import --checkpoint "$rms"/gpt2_toxicity/pytorch_model.bin --config "$gpt2" --kind rad --out models/rad-toxicity \\
    --labels toxicity severe_toxicity obscene identity_attack insult threat sexual_explicit`,
  );
addFlags(importing, importOptions);
importing.action(async () => {
  const options = givenOptions(importing, importOptions) as ImportOptions;
  await importCheckpoint(options);
  console.error(`Wrote '${options.out}'.`);
});

await runCommand(importing);
