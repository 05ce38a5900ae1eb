import { openBase } from "../bases/open_base.ts";
import type { Guide } from "../decode/generate.ts";
import { generateTexts } from "../decode/generate_texts.ts";
import { openLikelihoodJudge } from "../eval/likelihood.ts";
import { openScorer } from "../eval/scorers/mod.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { attributeJudge } from "./attribute_judge.ts";
import { type PretrainedDemoOptions, pretrainedDemoOptions } from "./pretrained_demo_options.ts";
import { type PretrainedModels, trainPretrainedModels } from "./pretrained_models.ts";
import { attributes } from "./pretrained_models_options.ts";
import { sweep } from "./sweep.ts";
import type { SweepRow } from "./sweep_row.ts";
import { writeDemo } from "./write_demo.ts";

/** The prompt, continued in one way. */
export interface SteeredTexts {
  /** The attributes that it was steered towards; none: unsteered. */
  readonly towards: readonly string[];
  readonly continuations: readonly string[];
}

export interface PretrainedDemoResult {
  readonly models: PretrainedModels;
  readonly texts: readonly SteeredTexts[];
  /** One an attribute and strength, over the prompts of the demo. */
  readonly rows: readonly SweepRow[];
  readonly chartFile: string;
  readonly tableFile: string;
}

/** Beginnings that any of the attributes may follow. */
const prompts = [
  "The film that we saw last night",
  "My new neighbour",
  "The hotel by the station",
  "Our teacher told us that",
  "This book",
  "The food at the party",
  "What I think of this town is that",
  "The new update of the app",
  "Yesterday at work",
  "The mayor's speech",
  "The band played and",
  "My brother called and said that",
];

const maxNewTokens = 24;

/**
 * The main job on a real model: ARMs are trained on SmolLM2-135M-Instruct, and steer it. A prompt is continued unsteered, towards each
 * attribute, and towards all of them at once, with the same seed; over twelve other prompts, control is measured against fluency. The judge of an
 * attribute is a classifier of word n-grams trained on other texts; fluency is perplexity a token under the unsteered model itself.
 *
 * @throws as `trainPretrainedModels` does.
 */
export async function runPretrainedDemo(
  device: Device,
  options: PretrainedDemoOptions = {},
): Promise<PretrainedDemoResult> {
  checkArgument("runPretrainedDemo", "device", deviceKind, device);
  const { prompt, beta, samples, onStage = () => {}, ...training } = settle(
    "runPretrainedDemo",
    pretrainedDemoOptions,
    options,
  );
  const { out, seed, signal } = training;
  const models = await trainPretrainedModels(device, { ...training, onStage });

  onStage("Steering");
  await using opened = new AsyncDisposableStack();
  const { base, tokenizer } = await openBase(models.base, device);
  opened.use(base);
  const trained: { readonly name: typeof attributes[number]; readonly guide: Guide }[] = [];
  for (const name of attributes) {
    const folder = models.arms[name];
    if (folder === undefined) continue;
    const model = opened.use(await openRewardModel(folder, device));
    trained.push({ name, guide: { model, steering: [{ label: name, beta }] } });
  }
  const ways = [[], ...trained.map((each) => [each]), ...(trained.length > 1 ? [trained] : [])];
  const texts: SteeredTexts[] = [];
  for (const way of ways) {
    const { texts: [{ continuations }] } = await generateTexts(base, tokenizer, [prompt], {
      guides: way.map(({ guide }) => guide),
      samples,
      maxNewTokens,
      seed,
      traces: false,
      signal,
    });
    signal?.throwIfAborted();
    texts.push({ towards: way.map(({ name }) => name), continuations });
  }

  onStage("Measuring control and fluency");
  const fluency = opened.use(await openLikelihoodJudge(models.base, device));
  const rows: SweepRow[] = [];
  for (const { name, guide: { model } } of trained) {
    await using scorer = await openScorer(models.judges[name]!);
    rows.push(
      ...await sweep(base, tokenizer, prompts, {
        systems: [{ name, model, steering: [{ label: name }] }],
        betas: [0, beta / 2, beta, 2 * beta],
        samples: 3,
        maxNewTokens,
        seed,
        ...attributeJudge(scorer, fluency),
      }),
    );
    signal?.throwIfAborted();
  }
  const files = await writeDemo(out, rows, {
    title: "Steering SmolLM2-135M-Instruct",
    scoreTitle: "Probability of the attribute, by a classifier of word n-grams",
    perplexityTitle: "Perplexity a token under SmolLM2 itself",
  });
  return { models, texts, rows, ...files };
}
