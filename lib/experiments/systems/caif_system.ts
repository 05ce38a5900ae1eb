import { scorerModel } from "../../eval/scorer_model.ts";
import { openLocalClassifier } from "../../eval/scorers/local_classifier.ts";
import { openRewardModel } from "../../methods/open_reward_model.ts";
import type { Stage, StageNeeds } from "../../stages/stage.ts";
import { generationBy, guidedWriter } from "../stages/generation_stage.ts";
import { textClassifierStage } from "../stages/text_classifier_stage.ts";
import type { System } from "./system.ts";
import type { PlannedSystem, SystemParts } from "./system_parts.ts";

/** A reward model beside the classifier. */
interface Companion {
  readonly model: (seed: number) => Stage;
  /** By how much its β is the classifier's. */
  readonly weight: number;
}

/**
 * What a classifier of word n-grams steers, trained on the same texts as the others: it reads the whole text
 * with each candidate.
 */
function scoredSystem(
  facts: Pick<System, "name" | "title" | "method" | "betas">,
  { texts, label }: SystemParts,
  companion?: Companion,
): System {
  return {
    ...facts,
    generate: ({ title, base, prompts, sampling, steering, seconds }) => {
      const { seed } = sampling;
      const classifier = textClassifierStage(`a classifier (${label})`, texts, { label, seed }, 3);
      const alone = { base, prompts, classifier };
      const needs: StageNeeds & { prompts: Stage } = companion
        ? { ...alone, model: companion.model(seed) }
        : alone;
      return generationBy({
        kind: "generate-scored/1",
        title,
        settings: {
          ...sampling,
          steering,
          ...(companion ? { weight: companion.weight } : {}),
        },
        needs,
        cost: { seconds: 4 * seconds, disk: 5e5, memory: 5e8 + 2 * base.cost.disk },
        open: (from, context, opened) =>
          guidedWriter(title, from.base, sampling, context, opened, async (tokenizer, base) => {
            const scorer = opened.use(await openLocalClassifier(from.classifier));
            const guides = [
              { model: scorerModel(scorer, { base, tokenizer }), steering: [steering] },
            ];
            if (!companion) return { guides };
            const model = opened.use(await openRewardModel(from.model, context.device));
            const beta = companion.weight * steering.beta;
            return { guides: [...guides, { model, steering: [{ ...steering, beta }] }] };
          }),
      });
    },
  };
}

/** CAIF. */
export const caifSystem: PlannedSystem = (parts) =>
  scoredSystem({ name: "caif", title: "CAIF", method: "caif", betas: [1, 2, 5] }, parts);

/** Cooperative discriminators: a classifier of word n-grams, and RAD with five times its strength. */
export const cooperativeSystem: PlannedSystem = (parts) =>
  scoredSystem(
    {
      name: "cooperative",
      title: "n-grams and RAD",
      method: "cooperative",
      betas: [0.5, 1, 2],
    },
    parts,
    { model: parts.models.rad, weight: 5 },
  );
