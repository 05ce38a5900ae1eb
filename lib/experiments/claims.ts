/** How a method stands to another at equal distance from the base model. */
export type Standing = "ahead" | "on par" | "behind";

/** What a paper says of two systems, by their names. */
export interface Claim {
  readonly paper: string;
  readonly system: string;
  readonly reference: string;
  readonly claimed: Standing;
  /** Where it says so, and in what words, in short. */
  readonly source: string;
}

const claimsOf = (
  paper: string,
  system: string,
  claimed: Standing,
  references: readonly string[],
  source: string,
): Claim[] => references.map((reference) => ({ paper, system, reference, claimed, source }));

/**
 * The order that the papers of the methods claim. What ARM's says of labels is asked of pairs, too. Abstracts were looked
 * up; where one names no methods, it is taken to speak of those that its paper compares. A new claim is one line.
 */
export const claims: readonly Claim[] = [
  ...claimsOf("ARM", "arm-distilled", "on par", ["rad"], "abstract: on par"),
  ...claimsOf("ARM", "arm-labels", "behind", ["rad"], "figure 3: slightly behind on labels only"),
  ...claimsOf("ARM, on pairs", "arm-pairs", "behind", ["rad-pairs"], "asked here of pairs"),
  ...claimsOf(
    "RAD",
    "rad",
    "ahead",
    ["gedi", "dexperts", "pplm"],
    "abstract: best of those that change only the generation",
  ),
  ...claimsOf("RAD", "rad", "on par", ["quark", "ppo"], "abstract: matches the best that retrain"),
  ...claimsOf("GenARM", "genarm", "ahead", ["args"], "abstract: ahead of prior test-time methods"),
  ...claimsOf("GenARM", "genarm", "on par", ["ppo"], "abstract: matches training-time methods"),
  ...claimsOf(
    "FaRMA",
    "farma",
    "on par",
    ["args", "rad-pairs"],
    "abstract: competitive with previous reward-guided methods",
  ),
  ...claimsOf("VAS", "cd", "ahead", ["ppo"], "abstract: ahead of PPO"),
  ...claimsOf(
    "VAS",
    "cd",
    "on par",
    ["best-of-n"],
    "abstract: comparable with the best of 128; here of 4 and 8",
  ),
  ...claimsOf(
    "CARDS",
    "cards",
    "ahead",
    ["args"],
    "abstract: ahead of existing decoding-time methods",
  ),
  ...claimsOf("GeDi", "gedi", "ahead", ["pplm"], "abstract: on par or better than the best before"),
  ...claimsOf("GeDi", "gedi", "ahead", ["ctrl"], "abstract of one version: such models struggle"),
  ...claimsOf(
    "DExperts",
    "dexperts",
    "ahead",
    ["gedi", "pplm", "dapt"],
    "tables 1 and 3",
  ),
  ...claimsOf(
    "CAIF",
    "caif",
    "ahead",
    ["pplm", "gedi", "dexperts"],
    "abstract: ahead of all three",
  ),
  ...claimsOf("Rectification", "rectification", "ahead", ["dexperts"], "abstract: ahead of others"),
  ...claimsOf("Quark", "quark", "ahead", ["ppo"], "abstract: ahead of PPO"),
  ...claimsOf("Quark", "quark", "ahead", ["dexperts"], "abstract: ahead of strong baselines"),
];
