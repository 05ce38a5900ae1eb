import { languageModelTerm } from "../../bases/language_model_term.ts";
import { openBaseModel } from "../../bases/own_base.ts";
import type { Stage } from "../../stages/stage.ts";
import { generationBy, guidedWriter } from "../stages/generation_stage.ts";
import type { System } from "./system.ts";

/**
 * A system whose language model, trained for each seed and strength, writes in the base model's place, among the base model's
 * candidates, so that its distance from the base model is known.
 */
export function writerSystem(
  facts: Pick<System, "name" | "title" | "method" | "betas">,
  writer: (seed: number, beta: number) => Stage,
): System {
  return {
    ...facts,
    generate: ({ title, base, prompts, sampling, steering: { beta }, seconds }) => {
      const model = writer(sampling.seed, beta);
      return generationBy({
        kind: "generate-instead/1",
        title,
        settings: sampling,
        needs: { base, prompts, model },
        cost: { seconds, disk: 5e5, memory: 5e8 + 4 * base.cost.disk },
        open: (from, context, opened) =>
          guidedWriter(title, from.base, sampling, context, opened, async () => {
            const writer = opened.use(await openBaseModel(from.model, context.device));
            const term = opened.use(languageModelTerm(writer));
            const formula = { kind: "leaf", leaf: 0 } as const;
            return {
              formula: {
                formula,
                models: [term],
                needsAllTokens: false,
                [Symbol.asyncDispose]: () => Promise.resolve(),
              },
            };
          }),
      });
    },
  };
}
