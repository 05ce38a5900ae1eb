import type { Way } from "./way.ts";

/** Domain-adaptive pretraining (Gururangan et al., 2020): the base model itself goes on with the texts that have the label. */
export const dapt: Way = {
  kind: "dapt",
  title: "Domain-adaptive pretraining (DAPT)",
  name: "DAPT",
  formula: "the logits of a language model that went on with the texts that have the label",
  source:
    "Gururangan, Marasović, Swayamdipta, Lo, Beltagy, Downey, Smith: Don't Stop Pretraining: Adapt Language Models to Domains and Tasks, 2020",
  learnsFrom: "texts with the label",
  callsAStep: "0",
  command: "deno task train lm --method dapt",
};
