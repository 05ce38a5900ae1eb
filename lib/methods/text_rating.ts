import type { RuleName } from "./rules.ts";

/**
 * What the score of a text's last token says of the whole text: a reward from 0 to 1, any number whose sigmoid is one, or nothing,
 * where it compares next tokens.
 */
export type TextRating = "reward" | "logOdds" | "none";

const ofRules: Readonly<Record<RuleName, TextRating>> = {
  reward: "reward",
  logProbability: "logOdds",
  difference: "none",
  cap: "reward",
};

/** What says what a score adds to a logit, and of the text. */
interface ScoreFacts {
  readonly rule: RuleName;
  readonly textRating?: TextRating;
}

/** What the scores of a model, or of a method's models that learn from labels, say of whole texts. */
export function textRatingOf(
  { rule, textRating = ofRules[rule] }: ScoreFacts,
): TextRating {
  return textRating;
}

/** The same of a model that learnt from pairs, whose scores have neither zero nor scale. */
export function pairedRatingOf(method: ScoreFacts): TextRating {
  return textRatingOf(method) === "none" ? "none" : "logOdds";
}
