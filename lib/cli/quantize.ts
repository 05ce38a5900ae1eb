import { Option } from "@commander-js/extra-typings";
import { loadTokenizer } from "../data/tokenizer.ts";
import { requireSameTokenizer } from "../data/same_tokenizer.ts";
import { readTexts } from "../data/texts.ts";
import { openBaseModel } from "../bases/own_base.ts";
import { quantizeModelOptions } from "../decode/quantize_options.ts";
import { quantizeModel } from "../decode/quantize_model.ts";
import { languageModelEffect } from "../eval/precision/language_model_effect.ts";
import { rewardModelEffect } from "../eval/precision/reward_model_effect.ts";
import { parseModelSpec } from "../methods/model_spec.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import { openDevice } from "../runtime/device.ts";
import { configPath, openModelFolder, readModelConfig } from "../weights/model_folder.ts";
import { command, positiveInteger, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { languageModelTable, rewardModelTable } from "./precision_table.ts";

const quantize = command(
  "quantize",
  "Write a copy of a model with weights of 8 or 4 bits, which is faster on a CPU.",
)
  .usage("--model <dir> --out <dir> [options]")
  .requiredOption("--model <dir>", "language model or reward model")
  .requiredOption("--out <dir>", "folder for the copy")
  .optionsGroup("Report:")
  .option("--report <file...>", "texts on which the copy is compared with the model")
  .option("--text-column <name>", 'column of the text (default: "text" or "sentence")')
  .addOption(new Option("--column <name>", "the former name of --text-column").hideHelp())
  .option("--texts <n>", "texts that are read, from the beginning", positiveInteger, 200)
  .option("--base <dir>", "language model whose candidates a reward model rates in the report")
  .option("--top-k <n>", "candidates a place (default: 20)", positiveInteger)
  .addOption(
    new Option("--k <n>", "the former name of --top-k").argParser(positiveInteger).hideHelp(),
  )
  .action(async (options, command) => {
    const { model, out, report, base } = options;
    const textColumn = options.textColumn ?? options.column;
    const given = givenOptions(quantize, quantizeModelOptions);
    const { kind } = parseModelSpec(await readModelConfig(model), configPath(model));
    if (report !== undefined && kind !== "lm" && base === undefined) {
      command.error("error: option '--report' needs --base for a reward model");
    }
    if (base !== undefined && (report === undefined || kind === "lm")) {
      command.error("error: option '--base' goes with --report for a reward model only");
    }
    const texts = report &&
      (await readTexts(report, { textColumn })).slice(0, options.texts);
    await quantizeModel(model, out, given);
    console.error(`Wrote '${out}'.`);
    if (texts === undefined) return;

    const device = await openDevice("cpu");
    const tokenizer = await loadTokenizer(model);
    const ids = texts.map((text) => tokenizer.encode(text));
    await using models = new AsyncDisposableStack();
    const sizes = { whole: await weightBytes(model), reduced: await weightBytes(out) };
    const precision = `${given.bits ?? quantizeModelOptions.bits.default} bits`;
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
      const k = Math.min(options.topK ?? options.k ?? 20, lm.vocabulary);
      const effect = await rewardModelEffect(whole, reduced, lm, ids, { k });
      console.log(rewardModelTable(effect, sizes, precision));
    }
  });

async function weightBytes(folder: string): Promise<number> {
  return (await Deno.stat((await openModelFolder(folder)).weights.path)).size;
}

addFlags(quantize.optionsGroup("Copy:"), quantizeModelOptions);

await runCommand(quantize);
