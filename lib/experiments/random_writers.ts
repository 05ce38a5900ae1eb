import { join } from "node:path";
import type { BaseModel } from "../bases/base_model.ts";
import { languageModelTerm } from "../bases/language_model_term.ts";
import { openBaseModel } from "../bases/own_base.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { generate } from "../decode/generate.ts";
import type { GenerateOptions } from "../decode/generate_options.ts";
import { scorerModel } from "../eval/scorer_model.ts";
import type { Scorer } from "../eval/scorers/scorer.ts";
import { trainTextClassifier } from "../eval/text_classifier.ts";
import type { BackboneSpec } from "../methods/model_spec.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Seed } from "../options/seed_option.ts";
import type { Device } from "../runtime/device.ts";
import { configPath } from "../weights/model_folder.ts";
import { drawTexts } from "../whole_texts/draw_texts.ts";
import type { DrawTextsOptions } from "../whole_texts/draw_texts_options.ts";
import { writeRandomModel } from "./random_model.ts";
import { type ModelShapes, randomLabel } from "./random_models.ts";
import { weightBytes } from "./random_weights.ts";

/** Writes texts after a prompt. @returns backbone calls beside the base model's for a step. */
export type Writer = (
  base: BaseModel,
  prompt: readonly number[],
  options: GenerateOptions,
) => Promise<number>;

/** Writes steered by these guides or by this formula. */
export const guidedWriter =
  (steered: Pick<GenerateOptions, "guides" | "formula">): Writer =>
  async (
    base,
    prompt,
    options,
  ) => {
    const { backboneCalls } = await generate(base, [prompt], { ...options, ...steered });
    return backboneCalls.reduce((sum, calls) => sum + calls, 0);
  };

/**
 * Opens what writes by a method of `listedMethods`, with random weights; a language model that was trained itself writes as the base
 * model does.
 *
 * @param folder where its models are written.
 * @param opened closes what was opened.
 * @param baseSeed that of the base model's weights, which what moves the base model's past has, too.
 */
export async function openRandomWriter(
  kind: string,
  shapes: ModelShapes,
  folder: string,
  device: Device,
  opened: AsyncDisposableStack,
  baseSeed: Seed,
): Promise<Writer> {
  const path = join(folder, kind);
  switch (kind) {
    case "dapt":
    case "ctrl":
    case "quark":
    case "ppo":
      return guidedWriter({});
    case "arithmetic": {
      await writeModel(path, languageModel(shapes.reward), 1);
      const model = opened.use(languageModelTerm(opened.use(await openBaseModel(path, device))));
      const terms = [[1, { kind: "leaf", leaf: -1 }], [1, { kind: "leaf", leaf: 0 }]] as const;
      return guidedWriter({
        formula: {
          formula: { kind: "sum", terms },
          models: [model],
          needsAllTokens: false,
          [Symbol.asyncDispose]: () => Promise.resolve(),
        },
      });
    }
    case "caif":
    case "cooperative": {
      const scorers = Array.from({ length: kind === "caif" ? 1 : 2 }, scorer);
      return async (base, prompt, options) => {
        const tokenizer = signTokenizer(base);
        const guides = scorers.map((scorer) => ({
          model: scorerModel(scorer, { base, tokenizer }),
          steering: [{ label: randomLabel, beta: 1 }],
        }));
        return await guidedWriter({ guides })(base, prompt, options);
      };
    }
    case "best-of-n":
    case "cards": {
      const spec = { kind: "rad", backbone: shapes.reward, labels } as BackboneSpec;
      await writeModel(path, spec, 2);
      const rater = opened.use(await openRewardModel(path, device));
      // random rewards are far from the target: at this strength some segments are accepted, and some are not
      return drawnWriter({ method: kind, beta: 1, reward: { rater } });
    }
  }
  if (kind === "dexperts") {
    const own = { kind, labels, expert: "expert", antiexpert: "antiexpert" };
    await writeModel(join(path, own.expert), languageModel(shapes.reward), 1);
    await writeModel(join(path, own.antiexpert), languageModel(shapes.reward), 2);
    await Deno.writeTextFile(configPath(path), JSON.stringify({ armature: own }));
  } else {
    const backbone = backboneOf(kind, shapes);
    const spec = { kind, backbone, labels, ...settings[kind] } as BackboneSpec;
    await writeModel(path, spec, kind === "pplm" ? baseSeed : 2);
  }
  const model = opened.use(await openRewardModel(path, device));
  return guidedWriter({ guides: [{ model, steering: [{ label: randomLabel, beta: 1 }] }] });
}

/** Bytes of weights for which `openRandomWriter` needs as much room as for a reward model's. */
export function writerBytes(kind: string, shapes: ModelShapes): number {
  // PPLM has twice as many graphs
  return (kind === "pplm" ? 2 : 1) * weightBytes(backboneOf(kind, shapes).shapes);
}

/** What moves the base model's past has a copy of it. */
const backboneOf = (kind: string, { base, reward }: ModelShapes): Backbone =>
  kind === "pplm" ? base : reward;

const labels = [randomLabel];

/** What a model is beside its backbone and its label, where that has no default. */
const settings: Readonly<Record<string, object>> = { gedi: { codes: [0, 1] } };

const languageModel = (backbone: Backbone): BackboneSpec => ({ kind: "lm", backbone, bos: false });

const writeModel = (path: string, spec: BackboneSpec, seed: Seed): Promise<void> =>
  writeRandomModel(path, spec, { seed });

const drawnWriter = (how: Pick<DrawTextsOptions, "method" | "beta" | "reward">): Writer =>
async (
  base,
  prompt,
  { topK, samples, batchSize, maxNewTokens, ends, progress, label, signal },
) => {
  const tokenizer = signTokenizer(base);
  const { backboneCalls } = await drawTexts(base, tokenizer, [tokenizer.decode(prompt)], {
    ...{ topK, samples, batchSize, maxNewTokens, ends, progress, label, signal },
    ...how,
  });
  return backboneCalls.reduce((sum, calls) => sum + calls, 0);
};

/** Where signs that stand for tokens begin: none of them is half of a surrogate pair. */
const firstSign = 0x2_0000;

/** A sign for each token, so that scorers have texts to read. */
function signTokenizer({ vocabulary }: BaseModel): Tokenizer {
  const sign = (id: number) => String.fromCodePoint(firstSign + id);
  return {
    vocabSize: vocabulary,
    endOfText: vocabulary - 1,
    encode: (text) => Array.from(text, (sign) => sign.codePointAt(0)! - firstSign),
    decode: (ids) => ids.map(sign).join(""),
    token: sign,
  };
}

/** A linear classifier of n-grams. */
function scorer(): Scorer {
  const texts = Array.from({ length: 40 }, (_, i) => `${i % 2 ? "good" : "bad"} text ${i}`);
  const classifier = trainTextClassifier(texts, texts.map((_, i) => i % 2));
  return {
    name: "n-grams",
    version: "1",
    labels,
    reads: "whole",
    score: (some) =>
      Promise.resolve(Float64Array.from(some, (text) => classifier.probability(text))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
