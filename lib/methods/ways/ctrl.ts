import type { Way } from "./way.ts";

/** CTRL (Keskar et al., 2019): the base model itself learns all texts, each after a control code that says what it is. */
export const ctrl: Way = {
  kind: "ctrl",
  title: "Control codes (CTRL)",
  name: "CTRL",
  formula: "the logits of a language model after the control code of the class and the text",
  source:
    "Keskar, McCann, Varshney, Xiong, Socher: CTRL: A Conditional Transformer Language Model for Controllable Generation, 2019",
  learnsFrom: "two classes",
  callsAStep: "0",
  command: "deno task train lm --method ctrl",
};
