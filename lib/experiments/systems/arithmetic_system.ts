import { openFormula } from "../../bases/open_formula.ts";
import { baseTerm, modelTerm, sumOf } from "../../methods/arithmetic/formula.ts";
import { generationBy, guidedWriter } from "../stages/generation_stage.ts";
import { labelWriter } from "./label_writers.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** A formula: the base model, and β times what further training on texts with the label changes. */
export const arithmeticSystem: PlannedSystem = (parts) => ({
  name: "arithmetic",
  title: "base + β (DAPT − base)",
  method: "arithmetic",
  betas: [0.5, 1.5, 2],
  generate: ({ title, base, prompts, sampling, steering: { beta }, seconds }) => {
    const model = labelWriter(parts, "dapt")(sampling.seed);
    return generationBy({
      kind: "generate-formula/1",
      title,
      settings: { ...sampling, beta },
      needs: { base, prompts, model },
      cost: { seconds, disk: 5e5, memory: 5e8 + 4 * base.cost.disk },
      open: (from, context, opened) =>
        guidedWriter(title, from.base, sampling, context, opened, async (tokenizer, base) => {
          const change = sumOf([1, modelTerm(from.model)], [-1, baseTerm()]);
          const named = { base, tokenizer, tokenizerName: from.base };
          const formula = sumOf([1, baseTerm()], [beta, change]);
          return { formula: opened.use(await openFormula(formula, named, context.device)) };
        }),
    });
  },
});
