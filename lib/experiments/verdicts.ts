import type { Interval } from "../eval/bootstrap.ts";
import type { AreaRow } from "./comparison.ts";
import { systemNames } from "./profile.ts";

/** An interval as it comes from JSON, which has null where there is no number. */
const isKnown = ({ estimate }: Interval) => Number.isFinite(estimate ?? NaN);

const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const times = (value: number) => `${value.toFixed(3)} ×`;

function withInterval({ estimate, low, high }: Interval, shown: (value: number) => string): string {
  const isSure = Number.isFinite(low ?? NaN) && Number.isFinite(high ?? NaN);
  return isSure ? `${shown(estimate)} [${shown(low)}, ${shown(high)}]` : shown(estimate);
}

/** How a system compares with its reference, in one sentence with intervals. */
export function comparisonVerdict(
  { name, reference, prompts, area: { relativeDifference, perplexityRatio } }: AreaRow,
): string {
  const of = systemNames[reference];
  const area = isKnown(relativeDifference)
    ? `the area under its curve differs by ${
      withInterval(relativeDifference, percent)
    } from ${of}'s`
    : `its curve and ${of}'s have no perplexity in common`;
  const ratio = isKnown(perplexityRatio)
    ? `at equal control its perplexity is ${withInterval(perplexityRatio, times)} ${of}'s`
    : "they reach no control in common";
  return `${name}, ${prompts} prompts: ${area}; ${ratio}.`;
}

/**
 * Whether the ablation has the paper's order: at equal control the whole model is the most fluent, then that without
 * regularizer, then that without baseline as well.
 */
export function ablationVerdict(areas: readonly AreaRow[]): string {
  const of = (system: AreaRow["system"]) =>
    areas.find((row) => row.system === system)?.area.perplexityRatio;
  const [regularizer, baseline] = [of("arm-no-regularizer"), of("arm-no-baseline")];
  if (!regularizer || !baseline) return "";
  if (!isKnown(regularizer) || !isKnown(baseline)) {
    return "The models of the ablation reach no control in common, so their order is not known.";
  }
  const said = (ratio: Interval) => {
    const verdict = ratio.low > 1 ? "worse" : ratio.high < 1 ? "better" : "not told apart";
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
