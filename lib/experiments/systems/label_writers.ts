import { labelledWriter } from "../stages/model_stages.ts";
import type { WorldSystem } from "./world_parts.ts";
import { writerSystem } from "./writer_system.ts";

/** A language model of the small world that learns to write texts with the label by itself. */
const writerOf = (method: "dapt" | "ctrl", title: string): WorldSystem => (parts) => {
  const { texts, base, label, inverse, training, effort } = parts;
  return writerSystem(
    { name: method, title, method, betas: [1] },
    (seed) =>
      labelledWriter(`${title} (${label})`, { texts, base }, {
        ...training,
        method,
        label,
        inverse,
        epochs: 2 * effort,
        rate: 5e-4,
        seed,
      }, 25),
  );
};

/** DAPT: the base model goes on with the texts that have the label. */
export const daptSystem: WorldSystem = writerOf("dapt", "DAPT");

/** CTRL: the base model goes on with all texts, each after a control code. */
export const ctrlSystem: WorldSystem = writerOf("ctrl", "CTRL");
