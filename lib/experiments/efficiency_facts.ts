import type { EfficiencySystem } from "./efficiency_scales.ts";

/** How a system is called, and what one of its steps costs. */
export interface SystemFacts {
  readonly name: string;
  /** Operations of a step of one text beside the base model's, up to a constant. */
  readonly cost: string;
}

/** The systems by their names in measurements. */
export const systemFacts: Readonly<Record<EfficiencySystem, SystemFacts>> = {
  unguided: { name: "unguided", cost: "0" },
  arm: { name: "ARM", cost: "C + d² + k d" },
  rad: { name: "RAD", cost: "k C, and k copies of the prefix: k n L d" },
  "rad-onepass": { name: "RAD, one pass", cost: "k C, without copies" },
  gedi: { name: "GeDi", cost: "2 C + 2 |V| d" },
  dexperts: { name: "DExperts", cost: "2 C + 2 k d" },
  fudge: { name: "FUDGE", cost: "k C, without copies" },
  rectification: { name: "Rectification", cost: "C + d² + k d" },
  pplm: { name: "PPLM", cost: "2 + 2 i steps of the base model for i moves: here i = 3" },
  genarm: { name: "GenARM", cost: "C + |V| d" },
  farma: { name: "FaRMA", cost: "C + k d" },
  args: { name: "ARGS", cost: "k C, without copies" },
  cd: { name: "CD", cost: "k C, without copies" },
  arithmetic: { name: "Arithmetic", cost: "C + |V| d a language model: here one" },
  caif: { name: "CAIF", cost: "k whole texts through a classifier: here of n-grams" },
  cooperative: { name: "Cooperative", cost: "k whole texts a classifier: here two of n-grams" },
  "best-of-n": {
    name: "best-of-n",
    cost: "n − 1 steps of the base model, and n texts through a backbone: here n = 8",
  },
  cards: { name: "CARDS", cost: "tries − 1 steps of the base model, and a whole text a try" },
};

/** What the operations' letters mean, and what is counted otherwise than in the paper. */
export const costNotes =
  "C = L (d² + n d) is one token's way through a backbone of L layers and width d after n cached " +
  "tokens; |V| is the size of the vocabulary. GeDi reads each text after both its codes: the paper counts the two as " +
  "one call of a batch, here each is counted. RAD in one pass sends k tokens through the backbone in one call. Language " +
  "models that learnt themselves (DAPT, CTRL, Quark, PPO) write in the base model's place, and take its time.";
