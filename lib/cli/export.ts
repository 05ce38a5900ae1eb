import { basename } from "node:path";
import { exportBaseModel } from "../bases/export_base_model.ts";
import { openBase } from "../bases/open_base.ts";
import { exportSteered } from "../browser/export_steered.ts";
import { outputOptions } from "../files/finished_output.ts";
import { openDevice } from "../runtime/device.ts";
import { tokenizerFolder } from "../weights/model_folder.ts";
import { command, repeatable, runCommand } from "./command.ts";
import { openGuides } from "./open_guides.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

const exporting = command(
  "export",
  "Write a language model as a folder that transformers.js opens, or with what steers it as a page for the browser.",
)
  .usage("--base <dir> [--steered --reward <dir> …] --out <dir>")
  .requiredOption("--base <dir>", "language model in Hugging Face's layout")
  .requiredOption(
    "--out <dir>",
    "folder to write: onnx/model.onnx, config.json and the tokenizer; of a page index.html and all that it needs",
  )
  .option("--steered", "a page that steers in the browser, for any server of files")
  .option("--reward <dir>", "reward model that steers on the page (repeatable)", repeatable)
  .action(async ({ base, out, steered, reward = [] }) => {
    if (steered !== undefined && reward.length === 0) {
      exporting.error("error: option '--steered' needs '--reward', the model that steers");
    }
    if (steered === undefined && reward.length > 0) {
      exporting.error("error: option '--reward' goes with '--steered' only");
    }
    const options = givenOptions(exporting, outputOptions);
    if (steered) await exportPage(base, reward, out, options);
    else await exportBaseModel(base, out, options);
    console.error(`Wrote '${out}'.`);
  });

async function exportPage(
  what: string,
  rewards: readonly string[],
  out: string,
  options: { readonly overwrite?: boolean },
): Promise<void> {
  const device = await openDevice("cpu");
  await using models = new AsyncDisposableStack();
  const opened = await openBase(what, device);
  models.use(opened.base);
  const groups = rewards.map((folder) => ({ folder, ways: [{}] }));
  const guides = await openGuides(groups, opened, device, models, { firstLabel: true });
  await exportSteered(opened, guides, await tokenizerFolder(what), out, {
    ...options,
    names: rewards.map((folder) => basename(folder)),
  });
}

addFlags(exporting, outputOptions);

await runCommand(exporting);
