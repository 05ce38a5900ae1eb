import { mergeAdapter, mergeAdapterOptions } from "../methods/merge_adapter.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const merging = command(
  "merge",
  "Write the model that an adapter (LoRA, in PEFT's format) makes of its base model, or that shares its base model's trunk, as an ordinary folder.",
)
  .usage("--adapter <dir> --out <dir> [options]")
  .requiredOption(
    "--adapter <dir>",
    "folder of the adapter, or of a reward model that was trained with --trunk",
  )
  .requiredOption("--out <dir>", "folder to write")
  .action(async ({ adapter, out }) => {
    await mergeAdapter(adapter, out, givenOptions(merging, mergeAdapterOptions));
    console.error(`Wrote '${out}'.`);
  });

addFlags(merging, mergeAdapterOptions);

await runCommand(merging);
