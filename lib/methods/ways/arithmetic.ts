import type { Way } from "./way.ts";

/** Formulas of language models (Dekoninck et al., 2023), several of which have names of their own. */
export const arithmetic: Way = {
  kind: "arithmetic",
  title: "Formulas of language models (arithmetic)",
  name: "Arithmetic",
  formula:
    "Σ λᵢ log Qᵢ / Σ λᵢ over language models Qᵢ, and their unions (max) and intersections (min)",
  source:
    "Dekoninck, Fischer, Beurer-Kellner, Vechev: Controlled Text Generation via Language Model Arithmetic, 2023",
  learnsFrom: "nothing of its own",
  callsAStep: "n",
  command: "deno task generate --formula",
};
