import type { Stage } from "../../stages/stage.ts";
import { labelledWriter } from "../stages/model_stages.ts";
import type { PlannedSystem, SystemParts } from "./system_parts.ts";
import { writerSystem } from "./writer_system.ts";

const titles = { dapt: "DAPT", ctrl: "CTRL" } as const;

/** A language model that learns to write texts with the label by itself, for a seed of training. */
export function labelWriter(
  { texts, base, label, inverse, training, effort }: SystemParts,
  method: keyof typeof titles,
): (seed: number) => Stage {
  return (seed) =>
    labelledWriter(`${titles[method]} (${label})`, { texts, base }, {
      ...training,
      method,
      label,
      inverse,
      epochs: 2 * effort,
      rate: 5e-4,
      seed,
    }, 12);
}

const writerOf = (method: keyof typeof titles): PlannedSystem => (parts) =>
  writerSystem(
    { name: method, title: titles[method], method, betas: [1] },
    labelWriter(parts, method),
  );

/** DAPT: the base model goes on with the texts that have the label. */
export const daptSystem: PlannedSystem = writerOf("dapt");

/** CTRL: the base model goes on with all texts, each after a control code. */
export const ctrlSystem: PlannedSystem = writerOf("ctrl");
