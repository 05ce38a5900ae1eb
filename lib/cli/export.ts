import { exportBaseModel } from "../decode/export_base_model.ts";
import { command, runCommand } from "./command.ts";

const exporting = command(
  "export",
  "Write a language model as a folder that transformers.js opens.",
)
  .usage("--base <dir> --out <dir>")
  .requiredOption("--base <dir>", "language model in Hugging Face's layout")
  .requiredOption("--out <dir>", "folder to write: onnx/model.onnx, config.json and the tokenizer")
  .action(async ({ base, out }) => {
    await exportBaseModel(base, out);
    console.error(`Wrote '${out}'.`);
  });

await runCommand(exporting);
