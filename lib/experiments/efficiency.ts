import { join } from "node:path";
import { median } from "../eval/median.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Gpt2Sizes } from "../models/gpt2.ts";
import type { SettledOptions } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { type EfficiencyOptions, efficiencyOptions } from "./efficiency_options.ts";
import {
  type EfficiencyScale,
  type EfficiencySystem,
  efficiencySystems,
  type FurtherSystem,
  isFurther,
  type RatedTokens,
} from "./efficiency_scales.ts";
import { randomLabel, RandomModels, type RewardSystem } from "./random_models.ts";
import { guidedWriter, openRandomWriter, type Writer, writerBytes } from "./random_writers.ts";
import {
  type Call,
  type Pair,
  time,
  type Timed,
  unguidedK,
  unguidedLabel,
  warmedUp,
} from "./timed_call.ts";

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
  const { scale, seed, signal, rounds } = settled;
  const { systems = systemsOf(scale) } = settled;
  const call = callOf(settled);
  const groups = groupsOf(systems, settled.topK);
  const further = furtherOf(systems, settled.topK);
  check(settled, [...groups, ...further]);
  const opened = new Set(groups.map(({ system }) => system));
  await using models = await RandomModels.write(scale.shapes, [...opened], {
    bases: 2,
    beside: Math.max(0, ...further.map(({ system }) => writerBytes(system, scale.shapes))),
    seed,
    signal,
  });
  await using base = await models.openBase(device);
  const unguided: Timed = { base, write: guidedWriter({}), label: unguidedLabel };
  await time(unguided, unguidedK, warmedUp(call));
  const unguidedTimes: number[] = [];

  for (const { system, rated } of groups) {
    await using model = await models.openReward(system, device);
    const guides = [{ model, steering: [{ label: randomLabel }] }];
    const count = rounds ?? scale.rounds[system];
    yield* await measured(system, guidedWriter({ guides }), rated, count, call);
  }
  for (const { system, rated } of further) {
    const { furtherTokens = call.newTokens } = scale;
    const short = { ...call, newTokens: Math.min(furtherTokens, call.newTokens) };
    await using opened = new AsyncDisposableStack();
    const folder = join(models.folder, system);
    await Deno.mkdir(folder);
    opened.defer(() => Deno.remove(folder, { recursive: true }));
    const write = await openRandomWriter(system, scale.shapes, folder, device, opened, seed);
    yield* await measured(system, write, rated, rounds ?? scale.rounds.rad, short);
  }

  if (systems.includes("unguided")) {
    while (unguidedTimes.length < (groups.length > 0 ? 0 : rounds ?? 3)) {
      unguidedTimes.push((await time(unguided, unguidedK, call)).milliseconds);
    }
    yield measurement("unguided", null, unguidedTimes, unguidedTimes, 0, call);
  }

  /** Times what writes in turns with the unguided model. */
  async function measured(
    system: RewardSystem | FurtherSystem,
    write: Writer,
    rated: readonly RatedTokens[],
    count: number,
    call: Call,
  ): Promise<EfficiencyMeasurement[]> {
    await using base = await models.openBase(device);
    const guided: Timed = { base, write, label: system };
    await time(guided, rated.at(-1)!, warmedUp(call));
    let steps = 0;
    const progress = new Progress({
      label: `Timing ${system}`,
      total: 2 * count * rated.length * call.newTokens,
      unit: "steps",
    });
    const pairs = new Map(rated.map((k): [RatedTokens, Pair[]] => [k, []]));
    for (let round = 0; round < count; round++) {
      const isForward = round % 2 === 0;
      for (const k of isForward ? rated : rated.toReversed()) {
        // the first steps after another model's take longer, whichever k they are of: they are not timed
        const timeWarm = async (timed: Timed, k: RatedTokens) => {
          await time(timed, k, warmedUp(call));
          const before = steps;
          const timing = await time(timed, k, call, () => progress.update(++steps));
          // what draws whole texts tells of no steps
          progress.update(steps = before + call.newTokens);
          return timing;
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
    return [...pairs].map(([k, timed]) => {
      const alone = timed.map(({ alone }) => alone.milliseconds);
      unguidedTimes.push(...alone);
      const times = timed.map(({ steered }) => steered.milliseconds);
      return measurement(system, k, times, alone, timed[0].steered.backboneCalls, call);
    });
  }

  function measurement(
    system: EfficiencySystem,
    k: RatedTokens | null,
    times: readonly number[],
    alone: readonly number[],
    backbone_calls: number,
    call: Call,
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

/** What is timed with the same loaded graph: ARM over the whole vocabulary is another than over the top k. */
interface Group {
  readonly system: RewardSystem;
  readonly rated: readonly RatedTokens[];
}

/** What is measured where nothing is named. */
function systemsOf({ ifNamed = [] }: EfficiencyScale): EfficiencySystem[] {
  return efficiencySystems.filter((system) => !isFurther(system) || !ifNamed.includes(system));
}

/** The further systems that are asked for, each at one k: the paper's smaller one, or the largest that is asked for. */
function furtherOf(systems: readonly EfficiencySystem[], topK: readonly RatedTokens[]) {
  const counts = topK.filter((k) => k !== "vocabulary");
  if (counts.length === 0) return [];
  const k = counts.includes(unguidedK) ? unguidedK : Math.max(...counts);
  return systems.filter(isFurther).map((system) => ({ system, rated: [k] }));
}

function groupsOf(
  systems: readonly EfficiencySystem[],
  rated: readonly RatedTokens[],
): Group[] {
  const [topK, all] = [false, true].map((all) =>
    [...new Set(rated)].filter((k) => (k === "vocabulary") === all)
  );
  return systems.filter((system) => system !== "unguided" && !isFurther(system))
    .flatMap((system) => [
      { system, rated: topK },
      { system, rated: system === "arm" ? all : [] },
    ])
    .filter(({ rated }) => rated.length > 0);
}

function check(
  { scale, promptTokens, maxNewTokens }: SettledOptions<typeof efficiencyOptions>,
  groups: readonly Pick<Group, "rated">[],
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

/** What a measurement says of a model. */
export function measuredModel({ width, blocks, vocabulary }: Backbone): MeasuredModel {
  return { width, layers: blocks.length, heads: blocks[0].heads, vocabulary };
}

/** Four significant digits: more is noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
