import { dirname } from "node:path";
import { promptsOptions, readPrompts } from "../data/prompts.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../bases/base_model.ts";
import {
  chatOptions,
  logProbabilitiesOption,
  type StreamTextsOptions,
  streamTextsOptions,
} from "../decode/generate_options.ts";
import { generateTexts } from "../decode/generate_texts.ts";
import { plainText } from "../decode/generation_display.ts";
import { type ClassFilter, defaultBeta } from "../decode/guidance.ts";
import { openFormula } from "../bases/open_formula.ts";
import { openBase, openBaseOptions } from "../bases/open_base.ts";
import { StopStrings } from "../decode/stop_strings.ts";
import { streamTexts } from "../decode/stream_texts.ts";
import type { TextGeneration } from "../decode/text_generation.ts";
import { scorerModelOptions } from "../eval/scorer_model.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { PartialLines } from "../files/partial_lines.ts";
import { type Formula, needsAllTokens } from "../methods/arithmetic/formula.ts";
import { parseFormula } from "../methods/arithmetic/parse_formula.ts";
import { presets } from "../methods/arithmetic/presets.ts";
import type { OptionTable } from "../options/option.ts";
import { visible } from "../notebook/visible.ts";
import { byTextOptions } from "../methods/by_text/by_text_options.ts";
import { openingOptions } from "../methods/mod.ts";
import { deviceChoices, precisions } from "../runtime/device.ts";
import { makeFolder } from "../files/make_folder.ts";
import {
  choice,
  command,
  Interrupted,
  interruption,
  InvalidArgumentError,
  number,
  repeatable,
  runCommand,
} from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { openGuides } from "./open_guides.ts";
import { print } from "./print.ts";
import { SteeringOptions } from "./steering_options.ts";
import { openTextReward, wholeTextFlags, wholeTextRefusal } from "./whole_texts.ts";
import { type DrawnTexts, drawTexts } from "../whole_texts/draw_texts.ts";

const steering = new SteeringOptions();
const beta = number({ min: 0 });
const probability = number({ min: 0, max: 1 });

/** Parses the two numbers of GeDi's filter. */
function classFilter(text: string): ClassFilter {
  const [dropUpTo, keepFrom, ...more] = text.split(",").map(probability);
  if (keepFrom === undefined || more.length > 0) {
    throw new InvalidArgumentError("give two numbers from 0 to 1, such as 0.8,0.8");
  }
  return { dropUpTo, keepFrom };
}

/** Parses a formula of language models. */
function formulaText(text: string): Formula {
  try {
    return parseFormula(text);
  } catch (error) {
    throw new InvalidArgumentError((error as SyntaxError).message);
  }
}

/** How scorers steer. */
const scorerFlags = {
  scorerReads: { ...scorerModelOptions.reads, placeholder: "what" },
  scorerEvery: scorerModelOptions.every,
} as const satisfies OptionTable;

/** A revision would be of the base alone, where several models are fetched. */
const baseFlags = { except: ["revision"] } as const;

const prompted = command("generate", "Continue prompts, steered by reward models.")
  .usage("--base <model> (--prompt <text> | --prompts <file>) [--reward <model> …] [options]")
  .optionsGroup("Prompts:")
  .option("--prompt <text>", "a prompt; may be repeated", repeatable)
  .option("--prompts <file>", "prompts: .txt (one a line), .jsonl, .tsv, .csv or .parquet");
addFlags(prompted, promptsOptions);
const steered = prompted
  .optionsGroup("Models:")
  .requiredOption(
    "--base <model>",
    "language model that writes: a folder of ours or of transformers.js, a name on the Hugging Face hub (fetched " +
      "before, or with generate:net), or with generate:net the http address of a completions server",
  )
  .option(
    "--reward <model>",
    "reward model that steers, a folder or a name on the hub; may be repeated, and the settings below belong to the " +
      "one before",
    (folder) => steering.addReward(folder),
  )
  .option(
    "--scorer <scorer>",
    "scorer that steers, as deno task score names it: it reads the whole text with each candidate; may be repeated, as --reward",
    (name) => steering.addScorer(name),
  )
  .option(
    "--formula <formula>",
    "what the base model and other language models are put together to: " +
      `'base + 0.5 lm("models/positive") - 0.5 lm("models/negative")'; with union(…), intersection(…) and likely(…), and ` +
      `by their names ${Object.keys(presets).join(", ")}`,
    formulaText,
  )
  .option(
    "--label <name>",
    "label that steers, where the model has several; may be repeated, each with its own settings",
    (name) => steering.set("label", name),
  )
  .option(
    "--beta <number>",
    `strength: what a reward of 1 adds to a logit (default: ${defaultBeta})`,
    (text) => steering.set("beta", beta(text)),
  )
  .option("--inverse", "steer away from the label", () => steering.set("inverse", true))
  .option(
    "--filter <drop,keep>",
    "filter by class, as Krause et al. (2020) have it: accumulated probability up to which tokens may be dropped, and " +
      "class probability from which one stays (the authors': 0.8,0.8)",
    (text) => steering.setFilter(classFilter(text)),
  );
addFlags(steered, { ...byTextOptions, ...openingOptions, ...scorerFlags });
addFlags(steered.optionsGroup("Whole texts:"), wholeTextFlags);
addFlags(steered.optionsGroup("Other base models:"), openBaseOptions, baseFlags);
addFlags(steered.optionsGroup("Chat:"), chatOptions);
addFlags(steered.optionsGroup("Sampling:"), streamTextsOptions, {
  except: ["batchSize", "chat", "rewardsRead"],
});
addFlags(steered.optionsGroup("Run:"), streamTextsOptions, { only: ["batchSize"] });
addFlags(steered, { ...logProbabilitiesOption, ...outputOptions });
const generate = steered
  .option("--stream", "print the text while it is written, one continuation a prompt")
  .option("--out <file>", "write one JSON line a prompt there, instead of printing")
  .addOption(choice("--device <name>", "where to compute (default: auto)", deviceChoices))
  .addOption(
    choice("--precision <name>", "what models compute with (default: float32)", precisions),
  )
  .addHelpText(
    "after",
    `
Steering towards praise and away from two kinds of toxicity:
  deno task generate --base lm --prompt "The film was" --reward sentiment --beta 20 \\
    --reward toxicity --label insult --beta 30 --inverse --label threat --beta 30 --inverse

Steering the answer of a model that was trained to chat:
  deno task generate --base instruct --chat --prompt "What do you think of rain?" --reward sentiment --beta 20

The best of 8 texts, by a scorer:
  deno task generate --base lm --prompt "The film was" --scorer classifier --method best-of-n --best-of 8

Steering a model behind a server, whose key is in the environment variable OPENAI_API_KEY:
  deno task generate:net --base http://localhost:8000 --base-tokenizer openai-community/gpt2 \\
    --prompt "The film was" --reward sentiment`,
  )
  .action(async (options, command) => {
    const { prompt, prompts: file, out, device: name } = options;
    if ((prompt === undefined) === (file === undefined)) {
      command.error("error: give the prompts with either --prompt or --prompts");
    }
    if (steering.orphan) {
      command.error(
        `error: option '--${steering.orphan}' must follow the --reward or --scorer it belongs to`,
      );
    }
    const given = givenOptions(command, streamTextsOptions);
    if (options.formula && needsAllTokens(options.formula) && given.rated !== "vocabulary") {
      command.error(
        "error: option '--formula' with union, intersection or likely compares probabilities, so it goes with --rated " +
          "vocabulary only",
      );
    }
    if (options.stream && (out !== undefined || given.samples !== undefined)) {
      command.error("error: option '--stream' cannot be used with --out or --samples");
    }
    const { overwrite = false } = givenOptions(command, outputOptions);
    const { logProbabilities = false } = givenOptions(command, logProbabilitiesOption);
    if (logProbabilities && out === undefined) {
      command.error("error: option '--log-probabilities' goes with --out, where they are written");
    }
    if (logProbabilities && given.rated === "vocabulary") {
      command.error(
        "error: option '--log-probabilities' cannot be used with --rated vocabulary: they are those among the base " +
          "model's top k",
      );
    }
    const { method, ...drawing } = givenOptions(command, wholeTextFlags);
    const { scorerReads, scorerEvery } = givenOptions(command, scorerFlags);
    const refusal = wholeTextRefusal({ method, ...drawing }, {
      groups: steering.groups,
      formula: options.formula !== undefined,
      stream: options.stream === true,
      logProbabilities,
      scorerEvery: scorerEvery !== undefined,
      sampling: given,
    });
    if (refusal !== undefined) command.error(`error: option ${refusal}`);
    if (out !== undefined) await keepFinished(out, overwrite);
    const prompts = prompt ?? await readPrompts(file!, givenOptions(command, promptsOptions));
    if (out !== undefined) await makeFolder(dirname(out));
    using partial = out === undefined ? undefined : await PartialLines.open(out);

    const signal = interruption();
    const device = await openDeviceAndTell(name, options.precision);
    await using models = new AsyncDisposableStack();
    const opened = await openBase(options.base, device, {
      ...givenOptions(command, openBaseOptions, baseFlags),
      signal,
    });
    const { tokenizer } = opened;
    const base = models.use(opened.base);
    const opening = givenOptions(command, { ...byTextOptions, ...openingOptions });
    const guides = await openGuides(method ? [] : steering.groups, opened, device, models, {
      ...opening,
      scorer: { reads: scorerReads, every: scorerEvery },
      signal,
    });

    const formula = options.formula &&
      models.use(await openFormula(options.formula, opened, device, { signal }));

    const settings: StreamTextsOptions = { ...given, guides, formula, signal };
    if (options.stream) {
      for (const [firstPrompt, prompt] of prompts.entries()) {
        await printWhileWritten(base, tokenizer, prompt, { ...settings, firstPrompt });
      }
      if (signal.aborted) throw new Interrupted("Stopped before the end.");
      return;
    }
    const began = performance.now();
    const stops = new StopStrings(tokenizer, settings.stop);
    const onPrompt = (i: number, ids: readonly (readonly number[])[]) =>
      partial?.add({
        prompt: prompts[i],
        continuations: ids.map((ids) => stops.cut(tokenizer.decode(ids))),
      });
    const write = async (): Promise<TextGeneration> => {
      if (method === undefined) {
        const whole = { ...settings, traces: false, logProbabilities, onPrompt };
        return await generateTexts(base, tokenizer, prompts, whole);
      }
      const reward = await openTextReward(steering.groups[0], opened, device, models, {
        ...opening,
        reads: scorerReads,
        signal,
      });
      const { rated: _, ...sampling } = given;
      const drawn = { ...sampling, ...drawing, ...reward, method, onPrompt, signal };
      return await drawTexts(base, tokenizer, prompts, drawn);
    };
    const generation = await write()
      .catch((error) => {
        // a request to a server ends with an error when it is stopped
        if (signal.aborted) return;
        if (partial?.count) console.error(kept(partial, prompts.length));
        throw error;
      });
    if (!generation?.finished) {
      throw new Interrupted(
        `Stopped before the end; ${
          partial?.count ? kept(partial, prompts.length) : "nothing was written."
        }`,
      );
    }
    const seconds = (performance.now() - began) / 1000;
    if (out === undefined) generation.texts.forEach((texts) => console.log(plainText(texts)));
    else {
      await writeAtomically(out, jsonLines(generation));
      await partial!.remove();
    }
    const rating = [
      ...guides.map(({ model }) => model.kind),
      ...formula?.models.map(({ kind }) => kind) ?? [],
    ];
    console.error(
      costOf(generation, method ? ["base for texts not kept", "texts rated"] : rating, seconds),
    );
  });

/** Prints a prompt's continuation while it is written. */
async function printWhileWritten(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompt: string,
  settings: StreamTextsOptions,
): Promise<void> {
  const write = (text: string) => print(visible(text));
  write(settings.chat ? `${prompt}\n` : prompt);
  for await (
    const { text } of streamTexts(base, tokenizer, [prompt], { ...settings, samples: 1 })
  ) {
    write(text);
  }
  write("\n");
}

/** Where the prompts are that were finished when a run ended before its end. */
function kept({ path, count }: PartialLines, all: number): string {
  return `${count} of ${all} prompts were finished: they are in '${path}', in the order in which they were.`;
}

/** What the texts cost: time, and texts that went through each backbone for one token of one text. */
function costOf(
  { tokens, backboneCalls }: TextGeneration,
  names: readonly string[],
  seconds: number,
): string {
  const calls = names.map((name, i) => `, ${name} ${Number(backboneCalls[i].toFixed(2))}`);
  return `${tokens} tokens in ${seconds.toFixed(1)} s (${
    Math.round(tokens / seconds)
  } tokens/s); ` +
    `backbone calls a step: base 1${calls.join("")}.`;
}

function jsonLines(
  { texts, logProbabilities, rewards, divergences }: TextGeneration & Partial<DrawnTexts>,
): string {
  const { steered, unsteered } = logProbabilities ?? {};
  return texts.map((line, i) =>
    JSON.stringify({
      ...line,
      ...(steered && unsteered
        ? { logProbabilities: { steered: steered[i], unsteered: unsteered[i] } }
        : {}),
      ...(rewards && divergences ? { rewards: rewards[i], divergence: divergences[i] } : {}),
    }) + "\n"
  ).join("");
}

await runCommand(generate);
