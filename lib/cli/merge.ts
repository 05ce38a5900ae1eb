import { mergeAdapter, mergeAdapterOptions } from "../methods/merge_adapter.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const merging = command(
  "merge",
  "Write the model that an adapter (LoRA, in PEFT's format) makes of its base model as an ordinary folder.",
)
  .usage("--adapter <dir> --out <dir> [options]")
  .requiredOption(
    "--adapter <dir>",
    "folder with adapter_config.json and adapter_model.safetensors",
  )
  .requiredOption("--out <dir>", "folder to write")
  .action(async ({ adapter, out }) => {
    await mergeAdapter(adapter, out, givenOptions(merging, mergeAdapterOptions));
    console.error(`Wrote '${out}'.`);
  });

addFlags(merging, mergeAdapterOptions);

await runCommand(merging);
