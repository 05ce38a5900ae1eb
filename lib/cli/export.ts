import { exportBaseModel } from "../bases/export_base_model.ts";
import { outputOptions } from "../files/finished_output.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const exporting = command(
  "export",
  "Write a language model as a folder that transformers.js opens.",
)
  .usage("--base <dir> --out <dir>")
  .requiredOption("--base <dir>", "language model in Hugging Face's layout")
  .requiredOption("--out <dir>", "folder to write: onnx/model.onnx, config.json and the tokenizer")
  .action(async ({ base, out }) => {
    await exportBaseModel(base, out, givenOptions(exporting, outputOptions));
    console.error(`Wrote '${out}'.`);
  });

addFlags(exporting, outputOptions);

await runCommand(exporting);
