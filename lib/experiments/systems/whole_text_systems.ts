import { openBaseModel } from "../../bases/own_base.ts";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { openRewardModel } from "../../methods/open_reward_model.ts";
import { drawTexts } from "../../whole_texts/draw_texts.ts";
import type { DrawTextsOptions } from "../../whole_texts/draw_texts_options.ts";
import { generationBy } from "../stages/generation_stage.ts";
import type { PlannedSystem } from "./system_parts.ts";

type Choice = Pick<DrawTextsOptions, "method" | "bestOf" | "beta">;

/** A way to draw whole texts, which RAD rates. */
const wholeTextSystem = (
  facts: {
    readonly name: string;
    readonly title: string;
    readonly betas: readonly number[];
  },
  choice: (strength: number) => Choice,
  times: number,
): PlannedSystem =>
({ models, label, inverse }) => ({
  ...facts,
  method: facts.name,
  generate: ({ title, base, prompts, sampling, steering, seconds }) => {
    const drawn = choice(steering.beta);
    const { part: _part, ...drawing } = sampling;
    const rad = models.rad(sampling.seed);
    return generationBy({
      kind: `generate-${drawn.method}/2`,
      title,
      settings: { ...sampling, steering },
      needs: { base, prompts, rad },
      cost: { seconds: times * seconds, disk: 5e5, memory: 5e8 + 4 * base.cost.disk },
      open: async (from, { device, signal }, opened) => {
        const tokenizer = await loadTokenizer(from.base);
        const model = opened.use(await openBaseModel(from.base, device));
        const rater = opened.use(await openRewardModel(from.rad, device));
        return async (some, firstPrompt) => {
          const { texts, ids, divergences, exhausted, tokens, backboneCalls } = await drawTexts(
            model,
            tokenizer,
            some,
            {
              ...drawing,
              ...drawn,
              reward: { rater, label, inverse },
              firstPrompt,
              label: title,
              signal,
            },
          );
          return {
            // only their mean over a prompt's texts is known
            rows: texts.map((row, i) => ({
              ...row,
              ids: ids[i],
              logRatios: ids[i].map(() => divergences[i]),
              exhausted: exhausted[i],
            })),
            tokens,
            backboneCalls: backboneCalls.reduce((sum, calls) => sum + calls, 0),
          };
        };
      },
    });
  },
});

/** Best-of-n: its strength is n. */
export const bestOfNSystem: PlannedSystem = wholeTextSystem(
  { name: "best-of-n", title: "best-of-n", betas: [4, 8] },
  (n) => ({ method: "best-of-n", bestOf: n }),
  3,
);

/** CARDS: segments of the base model's texts, accepted by their rewards. */
export const cardsSystem: PlannedSystem = wholeTextSystem(
  { name: "cards", title: "CARDS", betas: [5, 10] },
  (beta) => ({ method: "cards", beta }),
  3,
);
