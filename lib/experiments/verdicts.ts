import type { Interval } from "../eval/bootstrap.ts";
import type { AreaRow } from "./comparison.ts";

/** An interval as it comes from JSON, which has null where there is no number. */
const isKnown = ({ estimate }: Interval) => Number.isFinite(estimate ?? NaN);

const isSure = ({ low, high }: Interval) =>
  Number.isFinite(low ?? NaN) && Number.isFinite(high ?? NaN);

/** In more resamples than this the curves may not miss each other, for what the others say to count. */
const mostMisses = 0.05;

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const times = (value: number) => `${value.toFixed(3)} ×`;

function withInterval(interval: Interval, shown: (value: number) => string): string {
  const { estimate, low, high } = interval;
  return isSure(interval) ? `${shown(estimate)} [${shown(low)}, ${shown(high)}]` : shown(estimate);
}

/** How a system compares with its reference, in one sentence with intervals. */
export function comparisonVerdict(
  { name, reference: of, prompts, area }: AreaRow,
): string {
  const { relativeDifference, perplexityRatio, withoutRange, withoutControl } = area;
  const control = isKnown(relativeDifference) && withoutRange <= mostMisses
    ? `the area under its curve differs by ${
      withInterval(relativeDifference, percent)
    } from ${of}'s`
    : `its curve and ${of}'s have too little perplexity in common`;
  const fluency = isKnown(perplexityRatio) && withoutControl <= mostMisses
    ? `at equal control its perplexity is ${withInterval(perplexityRatio, times)} ${of}'s`
    : "they reach too little control in common";
  return `${name}, ${prompts} prompts: ${control}; ${fluency}.`;
}

/**
 * Where that leaves a system: better than its reference, worse, or not told apart, by the area between the curves; with what a second
 * judge says. Empty where the curves have too little in common.
 */
export function standing({ reference, area, check }: AreaRow): string {
  const { relativeDifference: difference, withoutRange } = area;
  if (!isKnown(difference) || withoutRange > mostMisses) return "";
  const told = isSure(difference) && difference.low > 0
    ? "better than"
    : isSure(difference) && difference.high < 0
    ? "worse than"
    : "not told apart from";
  const second = check && isKnown(check)
    ? `; by the second judge the area differs by ${withInterval(check, percent)}`
    : "";
  return ` By the area it is ${told} ${reference}${second}.`;
}

/**
 * Whether the ablation has the paper's order: at equal control the whole model is the most fluent, then that without
 * regularizer, then that without baseline as well.
 */
export function ablationVerdict(areas: readonly AreaRow[]): string {
  const of = (system: AreaRow["system"]) => areas.find((row) => row.system === system)?.area;
  const [first, second] = [of("arm-no-regularizer"), of("arm-no-baseline")];
  if (!first || !second) return "";
  const [regularizer, baseline] = [first.perplexityRatio, second.perplexityRatio];
  const misses = Math.max(first.withoutControl, second.withoutControl);
  if (!isKnown(regularizer) || !isKnown(baseline) || misses > mostMisses) {
    return "The models of the ablation reach too little control in common for their order to be known.";
  }
  const said = (ratio: Interval) => {
    const told = ratio.low > 1 ? "worse" : ratio.high < 1 ? "better" : "not told apart";
    const verdict = isSure(ratio) ? told : "not told apart";
    return `${withInterval(ratio, times)} (${verdict})`;
  };
  const hasOrder = 1 <= regularizer.estimate && regularizer.estimate <= baseline.estimate;
  return "Against the whole model, perplexity at equal control is " +
    `${said(regularizer)} without the regularizer and ${
      said(baseline)
    } without baseline as well. ` +
    (hasOrder
      ? "The estimates have the paper's order: the whole model first, then that without regularizer."
      : "The estimates do not have the paper's order, in which the whole model comes first, then that without " +
        "regularizer.");
}
