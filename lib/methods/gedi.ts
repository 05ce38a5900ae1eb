import { codeWords, controlCodes } from "../data/control_codes.ts";
import type { OptionTable } from "../options/option.ts";
import { gediHead } from "./gedi_head.ts";
import { gediObjective } from "./gedi_objective.ts";
import { gediPart } from "./gedi_part.ts";
import type { Method } from "./method.ts";
import type { Head } from "./reward_head.ts";

/** What a GeDi is. */
const settings = {
  codes: {
    type: "list",
    of: { type: "integer", min: 0 },
    length: 2,
    required: true,
    help: "the tokens that stand for the desired and the undesired class",
  },
} as const satisfies OptionTable;

/** Settings of a GeDi's training. */
const training = {
  codes: {
    ...codeWords,
    help:
      "two words whose first tokens are a GeDi's control codes, of texts with the label and without it",
  },
  generativeWeight: {
    type: "number",
    min: 0,
    max: 1,
    default: 0.8,
    placeholder: "share",
    help: "how much a GeDi's generative loss counts, λ; the rest is the discriminative one's",
    former: ["genWeight"],
  },
} as const satisfies OptionTable;

/**
 * Generative discriminator (Krause et al., 2020): a class-conditional language model, whose class is the control code that is
 * read before a text. Its two likelihoods of a text give the log-odds of the class by Bayes' rule.
 */
export const gedi: Method<typeof settings, typeof training, Head> = {
  kind: "gedi",
  title: "Generative discriminator (GeDi)",
  name: "GeDi",
  formula:
    "z + β log σ(α (ℓ₊(x, i) − ℓ₋(x, i)) + b₊ − b₋), with ℓ the mean log-likelihood after a class's control code",
  source:
    "Krause, Gotmare, McCann, Keskar, Joty, Socher, Rajani: GeDi: Generative Discriminator Guided Sequence Generation, 2020",
  rule: "logProbability",
  settings,
  training,
  learnsFrom: "two classes",
  trainsEmbeddings: true,
  backboneCalls: () => 2,
  head: () => gediHead,
  planned: ({ codes }, tokenizer) => {
    const [desired, undesired] = controlCodes(tokenizer, codes);
    return { codes: [desired, undesired] };
  },
  problem: ({ codes }, { vocabulary }) =>
    codes[0] === codes[1] || codes.some((code) => code >= vocabulary)
      ? `must name two different tokens below ${vocabulary} in armature.codes`
      : undefined,
  objective: (backbone, _head, _training, { codes, generativeWeight }) =>
    gediObjective({ backbone, codes }, { generativeWeight }),
  // the code takes a place
  longestText: ({ context }) => context - 1,
  part: ({ backbone, settings: { codes } }, parameters) =>
    gediPart({ backbone, codes }, parameters),
};
