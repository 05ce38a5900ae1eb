import type { Guide } from "../decode/generate.ts";
import { defaultBeta, type Steering } from "../decode/guidance.ts";
import { visible } from "../notebook/visible.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import type { RuleName } from "../methods/rules.ts";
import type { ExplorerGuide } from "./serve_explorer_options.ts";

/** A way to steer, as the page has it: a label of a model, towards it or away, and how strongly. */
export interface Way {
  readonly model: string;
  readonly label: string;
  readonly inverse: boolean;
  readonly beta: number;
}

/** What the page has to know of a model that can steer. */
export interface OfferedModel {
  /** Other than those of the others. */
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly string[];
  /** How far its slider for β goes, and how finely. */
  readonly most: number;
  readonly step: number;
}

/** Largest β that is taken, where a slider goes less far. */
export const largestBeta = 1000;

/** How far β goes and how finely: log-probabilities and differences of logits are larger than rewards. */
const ranges: Record<RuleName, { most: number; step: number }> = {
  reward: { most: 60, step: 0.5 },
  logProbability: { most: 10, step: 0.1 },
  difference: { most: 10, step: 0.1 },
  cap: { most: 20, step: 0.2 },
};

/** The models that can steer, in their order. */
export function offeredModels(guides: readonly ExplorerGuide[]): OfferedModel[] {
  const names: string[] = [];
  return guides.map(({ name, model: { kind, labels, rule }, steering = [] }) => {
    names.push(unlike(names, visible(name)));
    const { most, step } = ranges[rule];
    const furthest = Math.max(...steering.map(({ beta = defaultBeta }) => 2 * beta), most);
    return {
      name: names.at(-1)!,
      kind,
      labels: labels.map(visible),
      most: Math.min(furthest, largestBeta),
      step,
    };
  });
}

/** The ways that the page begins with. */
export function firstWays(guides: readonly ExplorerGuide[]): Way[] {
  const offered = offeredModels(guides);
  const ways = guides.flatMap(({ steering = [] }, i) =>
    steering.map(({ label, beta = defaultBeta, inverse = false }): Way => ({
      model: offered[i].name,
      label: visible(label),
      inverse,
      beta,
    }))
  );
  if (ways.length > 0 || guides.length === 0) return ways;
  const [{ name, labels: [label] }] = offered;
  return [{ model: name, label, inverse: false, beta: defaultBeta }];
}

/**
 * The models that ways name, each with how it steers.
 *
 * @param strength β of a way. Default: its own.
 */
export function guidesOf(
  ways: readonly Way[],
  guides: readonly ExplorerGuide[],
  strength: (way: Way) => number = ({ beta }) => beta,
): Guide[] {
  const offered = offeredModels(guides);
  const steering = new Map<RewardModel, Steering[]>();
  for (const way of ways) {
    const { model } = guides[offered.findIndex(({ name }) => name === way.model)];
    const label = model.labels.find((label) => visible(label) === way.label)!;
    const { inverse } = way;
    if (!steering.has(model)) steering.set(model, []);
    steering.get(model)!.push({ label, beta: strength(way), inverse });
  }
  return Array.from(steering, ([model, steering]) => ({ model, steering }));
}

/** A name, with a number behind it where it was there before. */
function unlike(names: readonly string[], name: string): string {
  let other = name;
  for (let i = 2; names.includes(other); i++) other = `${name} (${i})`;
  return other;
}
