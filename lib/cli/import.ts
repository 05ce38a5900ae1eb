import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import {
  importCheckpoint,
  type ImportOptions,
  importOptions,
} from "../methods/import_checkpoint.ts";
import {
  importGguf,
  type ImportGgufOptions,
  importGgufOptions,
} from "../weights/gguf/import_gguf.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const importing = command(
  "import",
  "Write the language model of a GGUF file, or a reward model whose state dict was published, as a folder.",
)
  .usage(
    "--gguf <file> --out <dir>, or --checkpoint <file> --config <dir> --kind <kind> --labels <name…> --out <dir>",
  )
  .addHelpText(
    "after",
    `
RAD's released toxicity teacher, whose labels are those of Jigsaw:
  gpt2=$(deno task --quiet fetch model openai-community/gpt2)
  rms=$(deno task --quiet fetch model hk/rad_rms --file 'gpt2_toxicity/*')
  deno task import --checkpoint "$rms"/gpt2_toxicity/pytorch_model.bin --config "$gpt2" --kind rad --out models/rad-toxicity \\
    --labels toxicity severe_toxicity obscene identity_attack insult threat sexual_explicit`,
  );
const ofBoth = ["out", "overwrite"] as const;
addFlags(importing, importGgufOptions, { except: ofBoth });
addFlags(importing, importOptions);
importing.action(async () => {
  if (isGiven("gguf")) {
    const other = ["checkpoint", "config", "kind", "labels"].find(isGiven);
    if (other) importing.error(`error: option '--${other}' does not go with '--gguf'`);
    const options = givenOptions(importing, importGgufOptions) as ImportGgufOptions;
    await importGguf(options);
    console.error(`Wrote '${options.out}'.`);
    return;
  }
  if (isGiven("keepBits")) importing.error("error: option '--keep-bits' goes with '--gguf' only");
  const options = givenOptions(importing, importOptions) as ImportOptions;
  await importCheckpoint(options);
  console.error(`Wrote '${options.out}'.`);
});

function isGiven(option: string): boolean {
  return (importing as CommandUnknownOpts).getOptionValueSource(option) === "cli";
}

await runCommand(importing);
