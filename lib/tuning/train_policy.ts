import { loadTokenizer } from "../data/tokenizer.ts";
import type { Backbone } from "../models/backbone.ts";
import { languageModelJson } from "../models/language_model_spec.ts";
import { adaptedMatrices, adapterShapes, loraScale, withLora } from "../models/lora.ts";
import type { Parameters } from "../models/parameters.ts";
import { interruptible } from "../notebook/interruption.ts";
import { requireRoom } from "../inference/text_room.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { adaptedPlan } from "../train/adapted_plan.ts";
import { rateFor } from "../train/default_rate.ts";
import type { FitResult } from "../train/fit_result.ts";
import { openInitialModel } from "../train/initial_model.ts";
import { loraOf, type LoraOptions } from "../train/lora_options.ts";
import { type RunPlan, runTraining } from "../train/run.ts";
import { policyCourse } from "./policy_course.ts";
import {
  type PolicyMethodName,
  type PolicyOptions,
  policyOptions,
  ppoSettings,
  quarkSettings,
} from "./policy_options.ts";
import { ppo } from "./ppo.ts";
import { quark } from "./quark.ts";
import { type Rater, raterKind, textReward } from "../eval/text_reward.ts";

const titles: Readonly<Record<PolicyMethodName, string>> = { quark: "Quark", ppo: "PPO" };

/** The settings that each method has to itself. */
const foreign: Readonly<Record<PolicyMethodName, readonly string[]>> = {
  quark: Object.keys(ppoSettings),
  ppo: Object.keys(quarkSettings),
};

/**
 * Trains a language model on the rewards of what it writes, and writes its folder, which opens as any base model: a policy, in the
 * words of reinforcement learning. The initial model is the reference that it is kept close to. All texts that it wrote on the
 * way, with their rewards, are in `rollouts.jsonl` of the folder.
 *
 * @param prompts texts that it continues; it reads BOS before them.
 * @param reward what rates its texts: a scorer, or a reward model of the same tokenizer.
 * @throws {TypeError} if the initial model is no language model, or quantized, an option is of another method, or the reward
 *   model rates no texts.
 * @throws {RangeError} if there are no prompts, one is too long, or there is no such label.
 */
export async function trainPolicy(
  prompts: readonly string[],
  reward: Rater,
  device: Device,
  options: PolicyOptions,
): Promise<FitResult> {
  checkArgument("trainPolicy", "prompts", textsKind, prompts);
  checkArgument("trainPolicy", "reward", raterKind, reward);
  checkArgument("trainPolicy", "device", deviceKind, device);
  const settled = settle("trainPolicy", policyOptions, options);
  const { method, init, label, inverse, iterations, epochs, batchSize, ...others } = settled;
  const { rollouts, maxNewTokens, temperature, topK, klCoefficient, quantiles, ...rest } = others;
  const { clipRange, valueClipRange, valueCoefficient, discount, lambda, ...course } = rest;
  const wrong = foreign[method].find((name) => options[name as keyof PolicyOptions] !== undefined);
  if (wrong) throw new TypeError(`'${wrong}' is no setting of ${titles[method]}: leave it out.`);
  if (prompts.length === 0) throw new RangeError("There are no prompts to write texts from.");
  const start = await openInitialModel(init);
  const { backbone } = start;
  if (topK !== undefined && topK > backbone.vocabulary) {
    throw new RangeError(
      `Cannot take the top ${topK} of ${backbone.vocabulary} tokens: choose a smaller topK.`,
    );
  }
  const rewarded = textReward(reward, { label, inverse }, backbone.vocabulary);
  const tokenizer = await loadTokenizer(init);
  const read = prompts.map((text) => ({ text, ids: tokenizer.encode(text) }));
  // BOS, and Quark's token
  const room = backbone.context - (method === "quark" ? 2 : 1);
  read.forEach(({ ids }, i) =>
    requireRoom(`Prompt ${i + 1}`, ids.length, room - maxNewTokens, {
      beside: `with ${maxNewTokens} new ones`,
      advice: "shorten it, or ask for fewer new tokens",
    })
  );
  const { seed, accumulationSteps, lora } = course;
  const ofMethod = method === "quark"
    ? { quantiles }
    : { clipRange, valueClipRange, valueCoefficient, discount, lambda };
  const sampling = { rollouts, maxNewTokens, temperature, topK: topK ?? backbone.vocabulary, seed };
  using work = interruptible(course.signal);
  const plan = async (): Promise<RunPlan> => {
    const initial = lora ? new Map() : await start.parameters();
    const reference = await start.stored(backbone.shapes);
    const learner = method === "quark"
      ? quark(backbone, reference, tokenizer, { quantiles, klCoefficient, seed })
      : ppo(backbone, reference, {
        ...{ clipRange, valueClipRange, valueCoefficient, discount, lambda },
        ...{ klCoefficient, seed },
      });
    const { controlCodes } = learner;
    const whole: RunPlan = {
      config: languageModelJson({
        kind: "lm",
        backbone,
        bos: true,
        ...(controlCodes && { controlCodes }),
      }),
      objective: learner.objective,
      initial: new Map([...initial, ...learner.beside]),
      besides: new Set(learner.beside.keys()),
      examples: read.map(({ ids }) => ({ ids, labels: [] })),
      inputs: {
        ...{ init: start.id, method, reward: rewarded.identity, klCoefficient, iterations },
        ...{ ...ofMethod, passes: epochs, ...sampling },
      },
      tokenizer: init,
      label: titles[method],
      course: policyCourse({
        ...{ backbone, learner, device, iterations, epochs, batchSize, accumulationSteps },
        ...{ sampling, prompts: read, tokenizer, reward: rewarded, reference },
        ...(lora && { adapt: adapterOf(backbone, lora) }),
        endOfText: backbone.endOfText,
      }),
    };
    if (!lora) return whole;
    return await adaptedPlan(whole, start, { lora, borrowed: backbone.shapes, seed });
  };
  return await runTraining(plan, device, {
    ...course,
    batchSize,
    learningRate: course.learningRate ?? await rateFor(init, { lora }),
    // prompts are no texts to learn or to evaluate on
    holdOut: 0,
    signal: work.signal,
  });
}

/** What puts adapters beside a backbone's parameters. */
function adapterOf(backbone: Backbone, given: LoraOptions): (parameters: Parameters) => Parameters {
  const lora = loraOf(given);
  const adapters = adapterShapes(backbone.shapes, adaptedMatrices(backbone, lora), lora);
  return (parameters) => withLora(parameters, adapters, loraScale(lora));
}
