import { loadTokenizer } from "../data/tokenizer.ts";
import { requireSameTokenizer } from "../data/same_tokenizer.ts";
import { readTexts, textsOptions } from "../data/texts.ts";
import { openBaseModel } from "../bases/own_base.ts";
import { quantizeModelOptions } from "../decode/quantize_options.ts";
import { quantizeModel } from "../decode/quantize_model.ts";
import { languageModelEffect } from "../eval/precision/language_model_effect.ts";
import { rewardModelEffect } from "../eval/precision/reward_model_effect.ts";
import { parseModelSpec } from "../methods/model_spec.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import { openDevice } from "../runtime/device.ts";
import { configPath, openModelFolder, readModelConfig } from "../weights/model_folder.ts";
import type { OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { languageModelTable, rewardModelTable } from "./precision_table.ts";

const folderOptions = {
  model: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "language model or reward model",
  },
  out: { type: "text", required: true, placeholder: "dir", help: "folder for the copy" },
} as const satisfies OptionTable;
const reportOptions = {
  report: {
    type: "list",
    of: { type: "text" },
    placeholder: "file",
    help: "texts on which the copy is compared with the model",
  },
  textColumn: textsOptions.textColumn,
  texts: {
    type: "integer",
    min: 1,
    default: 200,
    help: "texts that are read, from the beginning",
  },
  base: {
    type: "text",
    placeholder: "dir",
    help: "language model whose candidates a reward model rates in the report",
  },
  topK: { type: "integer", min: 1, default: 20, former: ["k"], help: "candidates a place" },
} as const satisfies OptionTable;

const quantize = command(
  "quantize",
  "Write a copy of a model with weights of 8 or 4 bits, which is faster on a CPU.",
)
  .usage("--model <dir> --out <dir> [options]")
  .action(async (_, command) => {
    const { model, out } = settle("quantize", folderOptions, givenOptions(quantize, folderOptions));
    const { report, textColumn, texts: count, base, topK } = settle(
      "quantize",
      reportOptions,
      givenOptions(quantize, reportOptions),
    );
    const given = givenOptions(quantize, quantizeModelOptions);
    const { kind } = parseModelSpec(await readModelConfig(model), configPath(model));
    if (report !== undefined && kind !== "lm" && base === undefined) {
      command.error("error: option '--report' needs --base for a reward model");
    }
    if (base !== undefined && (report === undefined || kind === "lm")) {
      command.error("error: option '--base' goes with --report for a reward model only");
    }
    const texts = report && (await readTexts(report, { textColumn })).slice(0, count);
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
      const k = Math.min(topK, lm.vocabulary);
      const effect = await rewardModelEffect(whole, reduced, lm, ids, { k });
      console.log(rewardModelTable(effect, sizes, precision));
    }
  });

async function weightBytes(folder: string): Promise<number> {
  return (await Deno.stat((await openModelFolder(folder)).weights.path)).size;
}

addFlags(quantize, folderOptions);
addFlags(quantize.optionsGroup("Copy:"), quantizeModelOptions);
addFlags(quantize.optionsGroup("Report:"), reportOptions);

await runCommand(quantize);
