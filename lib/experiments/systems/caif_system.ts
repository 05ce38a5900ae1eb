import { scorerModel } from "../../eval/scorer_model.ts";
import { openLocalClassifier } from "../../eval/scorers/local_classifier.ts";
import { generationBy, guidedWriter } from "../stages/generation_stage.ts";
import { textClassifierStage } from "../stages/text_classifier_stage.ts";
import type { WorldSystem } from "./world_parts.ts";

/** CAIF in the small world: a classifier of word n-grams, trained on the same texts, reads the whole text with each candidate. */
export const caifSystem: WorldSystem = ({ texts, label }) => ({
  name: "caif",
  title: "CAIF",
  method: "caif",
  betas: [1, 2, 5],
  generate: ({ title, base, prompts, sampling, steering, seconds }) => {
    const { seed } = sampling;
    const classifier = textClassifierStage(`a classifier (${label})`, texts, { label, seed }, 10);
    return generationBy({
      kind: "generate-scored/1",
      title,
      settings: { ...sampling, steering },
      needs: { base, prompts, classifier },
      cost: { seconds: 4 * seconds, disk: 5e5, memory: 5e8 + 2 * base.cost.disk },
      open: (from, context, opened) =>
        guidedWriter(title, from.base, sampling, context, opened, async (tokenizer, base) => {
          const scorer = opened.use(await openLocalClassifier(from.classifier));
          const model = scorerModel(scorer, { base, tokenizer });
          return { guides: [{ model, steering: [steering] }] };
        }),
    });
  },
});
