import type { Stage } from "../../stages/stage.ts";
import { generation } from "../stages/generation_stage.ts";
import type { System } from "./system.ts";

/** A system whose reward model, trained for each seed, steers the base model. */
export function guidedSystem(
  facts: Pick<System, "name" | "title" | "method" | "betas">,
  model: (seed: number) => Stage,
): System {
  return {
    ...facts,
    model,
    generate: ({ title, base, prompts, sampling, steering, seconds }) =>
      generation(
        title,
        { base, prompts, model: model(sampling.seed) },
        { ...sampling, steering },
        seconds,
      ),
  };
}
