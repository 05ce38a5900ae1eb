import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { efficiencySystems, type RatedTokens } from "../experiments/efficiency.ts";
import { choice, positiveInteger } from "./command.ts";

/** Which systems are measured. */
export const systemsOption = choice(
  "--systems <names...>",
  "systems to measure (default: all)",
  efficiencySystems,
);

/** How many tokens a step rates. */
export const ratedOption = new Option(
  "--k <n...>",
  'tokens that a step rates, or "vocabulary", for ARM only (default: 1 5 10 20 40 80 vocabulary)',
).argParser(ratedTokens);

/** How long the texts are. */
export const tokensOption = new Option("--tokens <n>", "new tokens of each text")
  .default(20).argParser(positiveInteger);

/** How often each system is timed. */
export const roundsOption = new Option(
  "--rounds <n>",
  "how often everything is timed (default: fast systems more often than slow ones)",
).argParser(positiveInteger);

function ratedTokens(text: string, before: readonly RatedTokens[] = []): RatedTokens[] {
  if (text === "vocabulary") return [...before, text];
  if (/^[1-9]\d*$/.test(text)) return [...before, Number(text)];
  throw new InvalidArgumentError('give whole numbers from 1 up, or "vocabulary"');
}
