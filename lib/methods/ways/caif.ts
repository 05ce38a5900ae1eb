import type { Way } from "./way.ts";

/** Classifier-guided decoding on full texts (Sitdikov et al., 2022): any scorer, with a tokenizer of its own. */
export const caif: Way = {
  kind: "caif",
  title: "Classifiers of whole texts (CAIF)",
  name: "CAIF",
  formula: "z + β log p, p being the label's probability of the text with the token behind it",
  source:
    "Sitdikov, Balagansky, Gavrilov, Markov: Classifiers are Better Experts for Controllable Text Generation, 2022",
  learnsFrom: "nothing of its own",
  callsAStep: "k whole texts",
  command: "deno task generate --scorer",
};
