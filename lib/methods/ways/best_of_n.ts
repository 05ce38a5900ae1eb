import type { Way } from "./way.ts";

/** Best-of-n: the one of n whole texts that a scorer or a reward model likes best. */
export const bestOfN: Way = {
  kind: "best-of-n",
  title: "The best of n texts (best-of-n)",
  name: "best-of-n",
  formula: "the text with the highest reward of n that the base model wrote",
  source:
    "Stiennon, Ouyang, Wu, Ziegler, Lowe, Voss, Radford, Amodei, Christiano: Learning to Summarize from Human Feedback, 2020",
  learnsFrom: "nothing of its own",
  callsAStep: "n − 1, and n whole texts a text",
  command: "deno task generate --method best-of-n",
};
