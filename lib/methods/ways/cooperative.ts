import type { Way } from "./way.ts";

/** Cooperative discriminators (Holtzman et al., 2018): several scorers, each with a weight that is learnt. */
export const cooperative: Way = {
  kind: "cooperative",
  title: "Cooperative discriminators",
  formula: "z + Σ λₖ log pₖ of the text with the token behind it, with λ of least squares",
  source:
    "Holtzman, Buys, Forbes, Bosselut, Golub, Choi: Learning to Write with Cooperative Discriminators, 2018",
  learnsFrom: "pairs of a written and a generated text",
  callsAStep: "k whole texts a scorer",
  command: "deno task generate --scorer … --scorer …",
};
