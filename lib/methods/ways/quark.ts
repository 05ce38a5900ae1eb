import type { Way } from "./way.ts";

/** Quark (Lu et al., 2022): the base model learns its own texts after tokens that say how good they were. */
export const quark: Way = {
  kind: "quark",
  title: "Quantized reward conditioning (Quark)",
  name: "Quark",
  formula:
    "the logits of a language model after the token of the best quantile of rewards and the text",
  source:
    "Lu, Welleck, Hessel, Jiang, Qin, West, Ammanabrolu, Choi: Quark: Controllable Text Generation with Reinforced Unlearning, 2022",
  learnsFrom: "rewards of its own texts",
  callsAStep: "0",
  command: "deno task train policy --method quark",
};
