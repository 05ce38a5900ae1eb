/**
 * What the paper's whole evaluation takes on 1, 8 and 64 devices, as the table of docs/scale.md, from the rates of `--profile paper`:
 * `deno run docs/scale_costs.ts [--faster N]`, where N is how many times as fast as two cores a device is.
 *
 * @module
 */

import { readPaperSettings } from "../lib/data/paper_numbers.ts";
import {
  secondsToContinue,
  secondsToJudge,
  tokensOf,
  trainingSeconds,
} from "../lib/experiments/paper_rates.ts";
import { paperProfileSettings } from "../lib/experiments/paper_settings.ts";

const { amazonPolarity } = paperProfileSettings(await readPaperSettings()).data;

/** The evaluation: systems, strengths and values of k of each, prompts. */
const systems = 12;
const pointsOfSystem = 7 * 2;
const prompts = 10_000;
/** Tokens of Jigsaw's comments, whose file is not on the hub, and of Amazon Polarity's reviews. */
const jigsawTokens = tokensOf(7.8e8, "csv");
const amazonTokens = tokensOf(amazonPolarity.bytes, "parquet");
/** Seconds on two cores: of each task all ARMs but one are distilled. */
const trainings = [
  ...[true, true, true, false].map((isDistilled) => ({ tokens: jigsawTokens, isDistilled })),
  ...[true, false].map((isDistilled) => ({ tokens: amazonTokens, isDistilled })),
].map(({ tokens, isDistilled }) => trainingSeconds(tokens, { epochs: 5, isDistilled }));
/** Prompts of a shard, and seconds that a job takes beside its work: start, opening of models. */
const shard = 200;
const perJob = 20;

/** Hours on so many devices, each so many times as fast as two cores. */
function hours(devices: number, faster: number): { sum: number; all: number } {
  const jobs = 2 * prompts / shard;
  const ofPoint = prompts * (secondsToContinue + secondsToJudge) / faster + jobs * perJob;
  const work = systems * pointsOfSystem * ofPoint;
  const sum = work + trainings.reduce((sum, seconds) => sum + seconds / faster, 0);
  const longest = Math.max(...trainings) / faster;
  // a training is not divided, and all points of its system come after it
  const atLeast = longest + pointsOfSystem * ofPoint / devices;
  return { sum: sum / 3600, all: Math.max(sum / devices, atLeast) / 3600 };
}

/** The table as Markdown. */
export function costTable(faster: number): string {
  const rows = [1, 8, 64].map((devices) => {
    const { sum, all } = hours(devices, faster);
    return `| ${devices} | ${number(sum)} | ${number(all)} | ${number(all / 24)} |`;
  });
  return [
    "| devices | device hours | hours | days |",
    "| ------: | -----------: | ----: | ---: |",
    ...rows,
  ].join("\n");
}

const number = (value: number) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });

if (import.meta.main) {
  const [flag, value = "100"] = Deno.args;
  const faster = Number(value);
  if ((flag !== undefined && flag !== "--faster") || !(faster > 0)) {
    console.error("error: give --faster and a number above 0, or nothing");
    Deno.exit(2);
  }
  console.log(costTable(faster));
}
