/** How a method stands to another at equal distance from the base model. */
export type Standing = "ahead" | "on par" | "behind";

/** What a paper says of two systems, by their names. */
export interface Claim {
  readonly paper: string;
  readonly system: string;
  readonly reference: string;
  readonly claimed: Standing;
}

const claimsOf = (
  paper: string,
  system: string,
  claimed: Standing,
  references: readonly string[],
): Claim[] => references.map((reference) => ({ paper, system, reference, claimed }));

/**
 * The order that the papers of the methods claim, or that their tables have. What ARM's says of labels is asked of pairs, too. A
 * new claim is one line.
 */
export const claims: readonly Claim[] = [
  ...claimsOf("ARM", "arm-distilled", "on par", ["rad"]),
  ...claimsOf("ARM", "arm-labels", "behind", ["rad"]),
  ...claimsOf("ARM, on pairs", "arm-pairs", "behind", ["rad-pairs"]),
  ...claimsOf("RAD", "rad", "ahead", ["gedi", "dexperts", "pplm", "dapt"]),
  ...claimsOf("GenARM", "genarm", "ahead", ["args"]),
  ...claimsOf("FaRMA", "farma", "on par", ["args", "rad-pairs"]),
  ...claimsOf("VAS", "cd", "ahead", ["ppo", "fudge"]),
  ...claimsOf("VAS", "cd", "on par", ["best-of-n"]),
  ...claimsOf("CARDS", "cards", "ahead", ["args"]),
  ...claimsOf("GeDi", "gedi", "ahead", ["pplm", "ctrl"]),
  ...claimsOf("DExperts", "dexperts", "ahead", ["gedi", "pplm", "dapt"]),
  ...claimsOf("CAIF", "caif", "ahead", ["gedi", "dexperts"]),
  ...claimsOf("Rectification", "rectification", "ahead", ["dexperts"]),
  ...claimsOf("Quark", "quark", "ahead", ["ppo", "dexperts"]),
];
