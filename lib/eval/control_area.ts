import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { Random } from "../random.ts";
import { bootstrapIntervalOptions, type Interval, percentileInterval } from "./bootstrap.ts";
import { ControlCurve, type CurvePoint, difference } from "./control_curve.ts";
import { meanOf, type PromptMeans } from "./prompt_means.ts";

/** What was measured of one system at one strength, prompt by prompt. */
export interface MeasuredPoint {
  /** The strength β. */
  readonly beta: number;
  /** The attribute score, in [0, 1]: a mean over prompts or continuations. */
  readonly score: PromptMeans;
  /** Fluency: perplexities, or negative log-likelihoods in nats as `fluency` of the options says. */
  readonly fluency: PromptMeans;
}

/** The options of {@linkcode controlArea}. */
export const controlAreaOptions = {
  better: {
    type: "choice",
    of: ["higher", "lower"],
    required: true,
    help:
      "whether a higher attribute score is more control (positive rate) or a lower one (toxicity)",
  },
  fluency: {
    type: "choice",
    of: ["perplexity", "nats"],
    default: "perplexity",
    help:
      "what fluency holds: perplexities, so that a point stands at the logarithm of their mean, as the paper " +
      "averages them; or sums of negative log-likelihoods with the tokens or words as counts, so that it stands at " +
      "their mean",
  },
  ...bootstrapIntervalOptions,
} as const satisfies OptionTable;

/** The options of {@linkcode controlArea}. */
export type ControlAreaOptions = OptionsOf<typeof controlAreaOptions>;

const pointsKind = {
  type: "list",
  of: {
    type: "value",
    is: (value: unknown) =>
      typeof value === "object" && value !== null && "beta" in value && "score" in value &&
      "fluency" in value,
    what: "a point with beta, score and fluency",
  },
} as const satisfies Kind;

/** How a system compares with its teacher; areas are in units of control times nats. */
export interface ControlArea {
  /** The range of log-perplexity that both curves have, in nats. */
  readonly range: readonly [from: number, to: number];
  /** A = ∫ C dx, the system's. */
  readonly system: Interval;
  /** A_T = ∫ C_T dx, the teacher's. */
  readonly teacher: Interval;
  /** D = ∫ (C − C_T) dx: above 0 where the system is better. */
  readonly difference: Interval;
  /** B = ∫ |C − C_T| dx. */
  readonly between: Interval;
  /** D / A_T. */
  readonly relativeDifference: Interval;
  /** B / A_T. */
  readonly relativeBetween: Interval;
  /**
   * D / ∫ (C_T − C_T(from)) dx: the difference as a share of the control that the teacher gains over the range, rather
   * than of all it has, part of which text has without steering. NaN where the teacher gains nothing.
   */
  readonly relativeToGain: Interval;
  /**
   * The system's perplexity over the teacher's at equal control: their geometric mean over the control that both reach.
   * Below 1 where the system is more fluent. NaN where they reach no control in common.
   */
  readonly perplexityRatio: Interval;
  /** The share of resamples in which the curves had no range in common; they are left out. */
  readonly withoutRange: number;
  /** The share of resamples in which the curves reach no control in common; they are left out of the perplexity ratio. */
  readonly withoutControl: number;
}

/**
 * The area between the control/fluency curves of a system and of its teacher, so that "on par" is a number.
 *
 * **Curve.** At each β a system stands at x, the log-perplexity, and y, control: the attribute score s where higher is
 * better, 1 − s where lower is. Its curve C(x) is the most control at a log-perplexity of at most x on the path that
 * joins its points in the order of β; see {@linkcode ControlCurve} for the formula and for paths that turn back.
 *
 * **Range.** Curves are compared where both are known, on [a, b] with a the greater of their least and b the lesser of
 * their greatest log-perplexities. Nothing is extrapolated: a system swept to a stronger β is not better for it.
 *
 * **Areas.** With C_T the teacher's curve,
 *
 *     A = ∫ C dx,   A_T = ∫ C_T dx,   D = ∫ (C − C_T) dx,   B = ∫ |C − C_T| dx,   from a to b,
 *
 * exactly, as both are linear in pieces. D is 0 for equal curves and grows by h·(b − a) where C is raised by h. D / A_T
 * is the number to report, with its interval: it is unbiased towards either system. B / A_T also sees differences that
 * cancel, but can only be positive, so noise alone keeps it, and both ends of its interval, above 0.
 *
 * **At equal control.** The other way round, x(c) is the least log-perplexity on a path at control c or more, and the
 * ratio of perplexities is exp of the mean of x(c) − x_T(c) over the controls c that both paths reach.
 *
 * **Interval.** The percentile bootstrap over prompts, paired: one resample draws the same prompts for every β of both
 * systems, whose curves, range and areas are then computed anew.
 *
 * **Edge cases.** Points are sorted by β; two of the same β are an error, and so are fewer than two. Curves without a
 * range of positive length in common have NaN areas. β = 0 is a point like others: give it to both systems. A prompt of
 * which nothing is known at some β counts there as absent. One prompt gives estimates without intervals.
 *
 * @throws RangeError if a system has fewer than two points or two of one β, prompts differ in number, a score is outside
 *   [0, 1], or an option is out of range.
 */
export function controlArea(
  system: readonly MeasuredPoint[],
  teacher: readonly MeasuredPoint[],
  options: ControlAreaOptions,
): ControlArea {
  checkArgument("controlArea", "system", pointsKind, system);
  checkArgument("controlArea", "teacher", pointsKind, teacher);
  const { better, fluency, seed, resamples, level } = settle(
    "controlArea",
    controlAreaOptions,
    options,
  );
  const prompts = promptsOf([...system, ...teacher]);
  const [ours, theirs] = [system, teacher].map(byBeta);
  const curve = (points: readonly MeasuredPoint[], drawn: ArrayLike<number>): CurvePoint[] =>
    points.map((point) => {
      const score = meanOf(point.score, drawn);
      const mean = meanOf(point.fluency, drawn);
      if (score < 0 || score > 1) {
        throw new RangeError(
          `Cannot compare curves: the score at β = ${point.beta} must be from 0 to 1, and is ${score}`,
        );
      }
      return {
        logPerplexity: fluency === "nats" ? mean : Math.log(mean),
        control: better === "higher" ? score : 1 - score,
      };
    });
  const areas = (drawn: ArrayLike<number>) => {
    const curves = [curve(ours, drawn), curve(theirs, drawn)] as const;
    return { ...areasOf(...curves), perplexityRatio: perplexityRatioOf(...curves) };
  };

  const estimate = areas(Uint32Array.from({ length: prompts }, (_, i) => i));
  const random = new Random(seed, "control area");
  const drawn = new Uint32Array(prompts);
  const resampled = Array.from({ length: prompts > 1 ? resamples : 0 }, () => {
    for (let i = 0; i < prompts; i++) drawn[i] = random.integer(prompts);
    return areas(drawn);
  });
  const interval = (of: (resample: typeof estimate) => number): Interval => (
    { estimate: of(estimate), ...percentileInterval(resampled.map(of), level) }
  );
  const share = (is: (resample: typeof estimate) => boolean) =>
    resampled.filter(is).length / Math.max(1, resampled.length);
  return {
    range: estimate.range,
    system: interval(({ system }) => system),
    teacher: interval(({ teacher }) => teacher),
    difference: interval(({ signed }) => signed),
    between: interval(({ absolute }) => absolute),
    relativeDifference: interval(({ signed, teacher }) => signed / teacher),
    relativeBetween: interval(({ absolute, teacher }) => absolute / teacher),
    relativeToGain: interval(({ signed, gain }) => gain > 0 ? signed / gain : NaN),
    perplexityRatio: interval(({ perplexityRatio }) => perplexityRatio),
    withoutRange: share(({ signed }) => Number.isNaN(signed)),
    withoutControl: share(({ perplexityRatio }) => Number.isNaN(perplexityRatio)),
  };
}

/** The areas of two curves over the range that they have in common. */
export interface Areas {
  readonly range: readonly [from: number, to: number];
  readonly system: number;
  readonly teacher: number;
  /** D. */
  readonly signed: number;
  /** B. */
  readonly absolute: number;
  /** ∫ (C_T − C_T(from)) dx. */
  readonly gain: number;
}

/**
 * The areas of two curves given by their points alone, such as published ones; see {@linkcode controlArea}. All are NaN
 * where the curves have no range of positive length in common, or a point is not a number.
 *
 * @param system points in the order of β, at least two.
 * @param teacher the same.
 */
export function areasOf(system: readonly CurvePoint[], teacher: readonly CurvePoint[]): Areas {
  const none = {
    range: [NaN, NaN],
    system: NaN,
    teacher: NaN,
    signed: NaN,
    absolute: NaN,
  } as const;
  const isKnown = ({ logPerplexity, control }: CurvePoint) =>
    Number.isFinite(logPerplexity) && Number.isFinite(control);
  if (![...system, ...teacher].every(isKnown)) return { ...none, gain: NaN };
  const [ours, theirs] = [new ControlCurve(system), new ControlCurve(teacher)];
  const [from, to] = [Math.max(ours.min, theirs.min), Math.min(ours.max, theirs.max)];
  if (!(from < to)) return { ...none, gain: NaN };
  const area = theirs.area(from, to);
  return {
    range: [from, to],
    system: ours.area(from, to),
    teacher: area,
    ...difference(ours, theirs, from, to),
    gain: area - theirs.at(from) * (to - from),
  };
}

/**
 * The system's perplexity over the teacher's at equal control, of curves given by their points alone; see
 * {@linkcode controlArea}. NaN where the curves reach no control in common.
 *
 * @param system points in the order of β, at least two.
 * @param teacher the same.
 */
function perplexityRatioOf(
  system: readonly CurvePoint[],
  teacher: readonly CurvePoint[],
): number {
  // the least log-perplexity at control c or more is the greatest −log-perplexity at a −control of at most −c
  const turned = (points: readonly CurvePoint[]) =>
    points.map(({ logPerplexity, control }) => (
      { logPerplexity: -control, control: -logPerplexity }
    ));
  const { signed, range: [from, to] } = areasOf(turned(system), turned(teacher));
  return Math.exp(-signed / (to - from));
}

/** The number of prompts that all points have. */
function promptsOf(points: readonly MeasuredPoint[]): number {
  const counts = points.flatMap(({ score, fluency }) =>
    [score, fluency].flatMap(({ sums, counts }) => [sums.length, counts.length])
  );
  const prompts = counts[0] ?? 0;
  const other = counts.find((count) => count !== prompts);
  if (other !== undefined) {
    throw new RangeError(
      `Cannot compare curves: all points must be of the same prompts, and there are ${prompts} and ${other}`,
    );
  }
  if (prompts === 0) throw new RangeError("Cannot compare curves: there is no prompt");
  return prompts;
}

function byBeta(points: readonly MeasuredPoint[]): MeasuredPoint[] {
  const sorted = [...points].sort((a, b) => a.beta - b.beta);
  if (sorted.length < 2) {
    throw new RangeError(
      `Cannot compare curves: each system needs at least two strengths, and one has ${sorted.length}`,
    );
  }
  const twice = sorted.find(({ beta }, i) => i > 0 && beta === sorted[i - 1].beta);
  if (twice) {
    throw new RangeError(`Cannot compare curves: a system has two points of β = ${twice.beta}`);
  }
  return sorted;
}
