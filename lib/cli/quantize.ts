import { loadTokenizer } from "../data/tokenizer.ts";
import { requireSameTokenizer } from "../data/same_tokenizer.ts";
import { readTexts } from "../data/texts.ts";
import { openBaseModel } from "../decode/gpt2_base.ts";
import { quantizeModel } from "../decode/quantize_model.ts";
import { languageModelEffect } from "../eval/precision/language_model_effect.ts";
import { rewardModelEffect } from "../eval/precision/reward_model_effect.ts";
import { parseModelSpec } from "../nn/model_spec.ts";
import { openRewardModel } from "../reward/open_reward_model.ts";
import { openDevice } from "../runtime/device.ts";
import { configPath, openModelFolder, readModelConfig } from "../weights/model_folder.ts";
import {
  type Quantization,
  quantizationBits,
  quantizationBlocks,
} from "../weights/quantization.ts";
import { choice, command, positiveInteger, runCommand } from "./command.ts";
import { languageModelTable, rewardModelTable } from "./precision_table.ts";

/** The numbers as words that an option takes. */
const words = (numbers: readonly number[]) => numbers.map(String);

const quantize = command(
  "quantize",
  "Write a copy of a model with weights of 8 or 4 bits, which is faster on a CPU.",
)
  .usage("--model <dir> --out <dir> [options]")
  .requiredOption("--model <dir>", "language model or reward model")
  .requiredOption("--out <dir>", "folder for the copy")
  .addOption(choice("--bits <n>", "bits of a weight", words(quantizationBits)).default("8"))
  .addOption(
    choice("--block <n>", "weights that share a step", words(quantizationBlocks)).default("32"),
  )
  .optionsGroup("Report:")
  .option("--report <file...>", "texts on which the copy is compared with the model")
  .option("--column <name>", 'column of the text (default: "text" or "sentence")')
  .option("--texts <n>", "texts that are read, from the beginning", positiveInteger, 200)
  .option("--base <dir>", "language model whose candidates a reward model rates in the report")
  .option("--k <n>", "candidates a place", positiveInteger, 20)
  .action(async (options, command) => {
    const { model, out, report, column, base } = options;
    const quantization: Quantization = {
      bits: Number(options.bits) as Quantization["bits"],
      block: Number(options.block),
    };
    const { kind } = parseModelSpec(await readModelConfig(model), configPath(model));
    if (report !== undefined && kind !== "lm" && base === undefined) {
      command.error("error: option '--report' needs --base for a reward model");
    }
    if (base !== undefined && (report === undefined || kind === "lm")) {
      command.error("error: option '--base' goes with --report for a reward model only");
    }
    const texts = report &&
      (await readTexts(report, { textColumn: column })).slice(0, options.texts);
    await quantizeModel(model, out, quantization);
    console.error(`Wrote '${out}'.`);
    if (texts === undefined) return;

    const device = await openDevice("cpu");
    const tokenizer = await loadTokenizer(model);
    const ids = texts.map((text) => tokenizer.encode(text));
    await using models = new AsyncDisposableStack();
    const sizes = { whole: await weightBytes(model), reduced: await weightBytes(out) };
    const precision = `${quantization.bits} bits`;
    if (base === undefined) {
      const whole = models.use(await openBaseModel(model, device));
      const reduced = models.use(await openBaseModel(out, device));
      const effect = await languageModelEffect(whole, reduced, ids);
      console.log(languageModelTable(effect, sizes, precision));
    } else {
      await requireSameTokenizer(tokenizer, model, [base]);
      const lm = models.use(await openBaseModel(base, device));
      const whole = models.use(await openRewardModel(model, device));
      const reduced = models.use(await openRewardModel(out, device));
      const k = Math.min(options.k, lm.vocabulary);
      const effect = await rewardModelEffect(whole, reduced, lm, ids, { k });
      console.log(rewardModelTable(effect, sizes, precision));
    }
  });

async function weightBytes(folder: string): Promise<number> {
  return (await Deno.stat((await openModelFolder(folder)).weights.path)).size;
}

await runCommand(quantize);
