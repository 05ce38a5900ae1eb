import type { BaseModel } from "../bases/base_model.ts";
import { generate } from "../decode/generate.ts";
import { median } from "../eval/median.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Gpt2Sizes } from "../models/gpt2.ts";
import type { SettledOptions } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { type EfficiencyOptions, efficiencyOptions } from "./efficiency_options.ts";
import { type EfficiencySystem, efficiencySystems, type RatedTokens } from "./efficiency_scales.ts";
import { randomLabel, RandomModels, type RewardSystem } from "./random_models.ts";

/** What a measurement was made with. */
export interface MeasuredShapes {
  readonly base: MeasuredModel;
  /** Of each reward model; DExperts has two of them. */
  readonly reward: MeasuredModel;
  readonly batch: number;
  readonly prompt_tokens: number;
  readonly new_tokens: number;
}

/** The sizes of a model that a measurement names. */
export type MeasuredModel = Pick<Gpt2Sizes, "width" | "layers" | "heads" | "vocabulary">;

/** One system at one k, named as in the JSON lines of the benchmark. */
export interface EfficiencyMeasurement {
  readonly system: EfficiencySystem;
  /** Tokens rated a step; null where nothing steers. */
  readonly k: RatedTokens | null;
  /** Milliseconds of a step of the whole batch, reading the prompt included: the median over rounds. */
  readonly ms_per_token: number;
  /** Backbone calls of the reward model for one step of one text, as counted; 0 where nothing steers. */
  readonly backbone_calls: number;
  readonly device: DeviceName;
  readonly shapes: MeasuredShapes;
  readonly rounds: number;
  readonly min_ms: number;
  readonly max_ms: number;
  /** Milliseconds of a step of the unguided model, timed beside this with the same k: the median over rounds. */
  readonly unguided_ms: number;
  readonly unguided_min_ms: number;
  readonly unguided_max_ms: number;
  /** Time over that of the unguided model just before or after it: the median over rounds. */
  readonly over_unguided: number;
  readonly over_unguided_min: number;
  readonly over_unguided_max: number;
  /** Tokens of all texts in a second. */
  readonly tokens_per_second: number;
}

/**
 * Measures what a guided step costs, on random weights: the paper's section 4.5. Each guided call is timed beside one of
 * the unguided model with the same k, which goes first in every other round, so that a ratio is of neighbours in time
 * and what changes with time weighs on neither side.
 *
 * @returns the measurements as they are made: those of a system together, those without steering at the end.
 * @throws {RangeError} if an option is out of range, or there is not the disk or the memory for the models.
 * @throws the signal's reason if it is aborted.
 */
export async function* measureEfficiency(
  device: Device,
  options: EfficiencyOptions,
): AsyncGenerator<EfficiencyMeasurement, void, undefined> {
  checkArgument("measureEfficiency", "device", deviceKind, device);
  const settled = settle("measureEfficiency", efficiencyOptions, options);
  const { scale, systems = efficiencySystems, seed, signal, rounds } = settled;
  const call = callOf(settled);
  const groups = groupsOf(systems, settled.topK);
  check(settled, groups);
  const opened = new Set(groups.map(({ system }) => system));
  await using models = await RandomModels.write(scale.shapes, [...opened], {
    bases: 2,
    seed,
    signal,
  });
  await using base = await models.openBase(device);
  const unguided: Timed = { base, label: "unguided" };
  await time(unguided, unguidedK, warmedUp(call));
  const unguidedTimes: number[] = [];

  for (const { system, rated } of groups) {
    await using base = await models.openBase(device);
    await using model = await models.openReward(system, device);
    const guided: Timed = { base, model, label: system };
    await time(guided, rated.at(-1)!, warmedUp(call));
    const count = rounds ?? scale.rounds[system];
    let steps = 0;
    const progress = new Progress({
      label: `Timing ${system}`,
      total: 2 * count * rated.length * call.newTokens,
      unit: "steps",
    });
    const onStep = () => progress.update(++steps);
    const pairs = new Map(rated.map((k): [RatedTokens, Pair[]] => [k, []]));
    for (let round = 0; round < count; round++) {
      const isForward = round % 2 === 0;
      for (const k of isForward ? rated : rated.toReversed()) {
        // the first steps after another model's take longer, whichever k they are of: they are not timed
        const timeWarm = async (timed: Timed, k: RatedTokens) => {
          await time(timed, k, warmedUp(call));
          return await time(timed, k, call, onStep);
        };
        const timeUnguided = () => timeWarm(unguided, k === "vocabulary" ? unguidedK : k);
        const timeGuided = () => timeWarm(guided, k);
        const [first, second] = isForward ? [timeUnguided, timeGuided] : [timeGuided, timeUnguided];
        const timings = [await first(), await second()];
        const [alone, steered] = isForward ? timings : timings.toReversed();
        pairs.get(k)!.push({ alone, steered });
      }
    }
    progress.done();
    for (const [k, timed] of pairs) {
      const alone = timed.map(({ alone }) => alone.milliseconds);
      unguidedTimes.push(...alone);
      const times = timed.map(({ steered }) => steered.milliseconds);
      yield measurement(system, k, times, alone, timed[0].steered.backboneCalls);
    }
  }

  if (systems.includes("unguided")) {
    while (unguidedTimes.length < (groups.length > 0 ? 0 : rounds ?? 3)) {
      unguidedTimes.push((await time(unguided, unguidedK, call)).milliseconds);
    }
    yield measurement("unguided", null, unguidedTimes, unguidedTimes, 0);
  }

  function measurement(
    system: EfficiencySystem,
    k: RatedTokens | null,
    times: readonly number[],
    alone: readonly number[],
    backbone_calls: number,
  ): EfficiencyMeasurement {
    const ms_per_token = median(times);
    const ratios = times.map((time, round) => time / alone[round]);
    return {
      system,
      k,
      ms_per_token: rounded(ms_per_token),
      backbone_calls,
      device: device.name,
      shapes: {
        base: measuredModel(scale.shapes.base),
        reward: measuredModel(scale.shapes.reward),
        batch: call.samples,
        prompt_tokens: call.prompt.length,
        new_tokens: call.newTokens,
      },
      rounds: times.length,
      min_ms: rounded(Math.min(...times)),
      max_ms: rounded(Math.max(...times)),
      unguided_ms: rounded(median(alone)),
      unguided_min_ms: rounded(Math.min(...alone)),
      unguided_max_ms: rounded(Math.max(...alone)),
      over_unguided: rounded(median(ratios)),
      over_unguided_min: rounded(Math.min(...ratios)),
      over_unguided_max: rounded(Math.max(...ratios)),
      tokens_per_second: rounded(1000 * call.samples / ms_per_token),
    };
  }
}

/** Candidates of a step that rates the whole vocabulary, and of the unguided model beside it: the paper's smaller k. */
const unguidedK = 20;

/** What is the same in all calls. */
interface Call {
  readonly prompt: readonly number[];
  readonly samples: number;
  readonly newTokens: number;
  readonly signal: AbortSignal | undefined;
}

function callOf(
  { scale, samples, promptTokens, maxNewTokens, seed, signal }: SettledOptions<
    typeof efficiencyOptions
  >,
): Call {
  const random = new Random(seed, "prompt");
  const { endOfText } = scale.shapes.base;
  const prompt = Array.from({ length: promptTokens }, () => random.integer(endOfText));
  return { prompt, samples, newTokens: maxNewTokens, signal };
}

/** A short call that loads the models and lets them take their memory. */
function warmedUp(call: Call): Call {
  return { ...call, newTokens: Math.min(call.newTokens, 2) };
}

/** What is timed with the same loaded graph: ARM over the whole vocabulary is another than over the top k. */
interface Group {
  readonly system: RewardSystem;
  readonly rated: readonly RatedTokens[];
}

function groupsOf(
  systems: readonly EfficiencySystem[],
  rated: readonly RatedTokens[],
): Group[] {
  const [topK, all] = [false, true].map((all) =>
    [...new Set(rated)].filter((k) => (k === "vocabulary") === all)
  );
  return systems.filter((system) => system !== "unguided")
    .flatMap((system) => [
      { system, rated: topK },
      { system, rated: system === "arm" ? all : [] },
    ])
    .filter(({ rated }) => rated.length > 0);
}

function check(
  { scale, promptTokens, maxNewTokens }: SettledOptions<typeof efficiencyOptions>,
  groups: readonly Group[],
): void {
  const { vocabulary, context } = scale.shapes.base;
  for (const k of groups.flatMap(({ rated }) => rated)) {
    if (k !== "vocabulary" && k > vocabulary) {
      throw new RangeError(
        `Cannot measure the top ${k} of ${vocabulary} tokens: choose a smaller topK, or "vocabulary"`,
      );
    }
  }
  // BOS comes before the prompt
  const room = Math.min(context, scale.shapes.reward.context) - promptTokens - 1;
  if (maxNewTokens > room) {
    throw new RangeError(
      `Cannot measure ${maxNewTokens} new tokens after a prompt of ${promptTokens}: the context has room for ${room}`,
    );
  }
}

interface Timing {
  /** Of one step of the batch. */
  readonly milliseconds: number;
  readonly backboneCalls: number;
}

/** A call of the unguided model and one of the guided model, next to each other in time. */
interface Pair {
  readonly alone: Timing;
  readonly steered: Timing;
}

/** What is timed, and what its progress is called. */
interface Timed {
  readonly base: BaseModel;
  readonly model?: RewardModel;
  readonly label: string;
}

/** Times one generation. */
async function time(
  { base, model, label }: Timed,
  rated: RatedTokens,
  { prompt, samples, newTokens, signal }: Call,
  onStep?: () => void,
): Promise<Timing> {
  signal?.throwIfAborted();
  const began = performance.now();
  const { backboneCalls } = await generate(base, [prompt], {
    guides: model ? [{ model, steering: [{ label: randomLabel }] }] : [],
    topK: Math.min(rated === "vocabulary" ? unguidedK : rated, base.vocabulary),
    rated: rated === "vocabulary" ? "vocabulary" : "top-k",
    samples,
    batchSize: samples,
    maxNewTokens: newTokens,
    ends: [],
    label: model ? `${label}, k = ${rated}` : label,
    onStep,
    signal,
  });
  const milliseconds = (performance.now() - began) / newTokens;
  signal?.throwIfAborted();
  return { milliseconds, backboneCalls: backboneCalls[0] ?? 0 };
}

/** What a measurement says of a model. */
export function measuredModel({ width, blocks, vocabulary }: Backbone): MeasuredModel {
  return { width, layers: blocks.length, heads: blocks[0].heads, vocabulary };
}

/** Four significant digits: more is noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
