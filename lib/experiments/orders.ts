import { bootstrapInterval, type Interval } from "../eval/bootstrap.ts";
import { areasOf } from "../eval/control_area.ts";
import type { CurvePoint } from "../eval/control_curve.ts";
import { intervalText } from "../eval/interval_text.ts";
import { meanOf, type PromptMeans, promptMeans } from "../eval/prompt_means.ts";
import type { Claim, Standing } from "./claims.ts";

/** Texts of a system at one strength, prompt by prompt. */
export interface OrderedPoint {
  readonly beta: number;
  readonly rewards: readonly (readonly number[])[];
  /** log q(x) − log p(x) of each text, in nats. */
  readonly logRatios: readonly (readonly number[])[];
}

/** How a system stands to another, and how a paper says that it does. */
export interface OrderRow extends Pick<Claim, "paper" | "claimed" | "source"> {
  /** Their titles. */
  readonly system: string;
  readonly reference: string;
  /** How much more reward the system has at as many nats from the base model: the mean over the square root of these. */
  readonly difference: Interval;
  /** Up to how many nats both are known. */
  readonly nats: number;
}

/**
 * How much more reward a system has than another at as many nats from the base model: the mean difference of their curves over
 * the square root of the nats, as far as both go, as it is on a chart; with the interval of a paired bootstrap over prompts. A
 * curve is that of {@linkcode ControlCurve}: it begins at the base model itself, and what is between two strengths is a mixture of
 * their texts, which no more nats are needed for.
 *
 * @param system its points, that of the base model among them.
 * @param reference the same of the other.
 */
export function orderOf(
  system: readonly OrderedPoint[],
  reference: readonly OrderedPoint[],
): Pick<OrderRow, "difference" | "nats"> {
  const [ours, theirs] = [system, reference].map(meansOf);
  const areas = (drawn: readonly number[]) => areasOf(curveOf(ours, drawn), curveOf(theirs, drawn));
  const prompts = Array.from({ length: system[0].rewards.length }, (_, prompt) => prompt);
  const difference = bootstrapInterval(prompts, (drawn) => {
    const { signed, range: [from, to] } = areas(drawn);
    return signed / (to - from);
  }, { seed: 0 });
  return { difference, nats: areas(prompts).range[1] ** 2 };
}

interface PointMeans {
  readonly reward: PromptMeans;
  readonly nats: PromptMeans;
}

function meansOf(points: readonly OrderedPoint[]): PointMeans[] {
  return [...points].sort((a, b) => a.beta - b.beta).map(({ rewards, logRatios }) => (
    { reward: promptMeans(rewards), nats: promptMeans(logRatios) }
  ));
}

function curveOf(points: readonly PointMeans[], drawn: readonly number[]): CurvePoint[] {
  return points.map(({ reward, nats }) => ({
    logPerplexity: Math.sqrt(Math.max(0, meanOf(nats, drawn))),
    control: meanOf(reward, drawn),
  }));
}

/** How a system was found to stand: ahead or behind only if the whole interval is. */
export function standingOf({ difference: { low, high } }: Pick<OrderRow, "difference">): Standing {
  return low > 0 ? "ahead" : high < 0 ? "behind" : "on par";
}

/** How a claim is said, between the names of two systems. */
export const claimWords: Readonly<Record<Standing, string>> = {
  ahead: "ahead of",
  "on par": "on par with",
  behind: "behind",
};
const found: Readonly<Record<Standing, string>> = {
  ahead: "it is ahead",
  "on par": "they are not told apart",
  behind: "it is behind",
};

/** A paper's claim and what was found, in two sentences with an interval. */
export function orderVerdict(row: OrderRow): string {
  const { paper, claimed, source, system, reference, difference, nats } = row;
  const standing = standingOf(row);
  return `${paper}: ${system} is ${claimWords[claimed]} ${reference} (${source}). ${
    standing === claimed ? "So it is here" : "Not so here"
  }: ${found[standing]}, reward at as many nats, up to ${nats.toFixed(1)}, differs by ${
    intervalText(difference, 3)
  }.`;
}
