/**
 * What the paper's whole evaluation takes on 1, 8 and 64 devices, as the table of docs/scale.md:
 * `deno run docs/scale_costs.ts [--faster N]`, where N is how many times as fast as two cores a device is.
 *
 * @module
 */

/** Seconds on two cores, as `--profile paper` estimates them from measured rates (lib/experiments/paper_profile.ts). */
const measured = {
  /** Continuing a prompt 25 times by 20 tokens: GPT-2-Large with a reward model of GPT-2-small. */
  continuing: 15,
  /** Judging these by GPT-2-XL. */
  judging: 26,
  /** Tokens a second that GPT-2-small learns from. */
  tokensPerSecond: 220,
};

/** The evaluation: systems, strengths, k, prompts. */
const points = 12 * 7 * 2;
const prompts = 10_000;
/** Tokens in an epoch of each model's texts, and epochs. */
const trainings = [
  ...Array.from({ length: 4 }, () => ({ name: "an ARM of toxicity", tokens: 1.1e8, epochs: 5 })),
  ...Array.from({ length: 2 }, () => ({ name: "an ARM of sentiment", tokens: 3.2e8, epochs: 5 })),
];
/** Prompts of a shard, and seconds that a job takes beside its work: start, opening of models. */
const shard = 200;
const perJob = 20;

/** Hours on so many devices, each so many times as fast as two cores. */
function hours(devices: number, faster: number): { sum: number; all: number } {
  const trained = trainings.map(({ tokens, epochs }) =>
    tokens * epochs / measured.tokensPerSecond / faster
  );
  const { continuing, judging } = measured;
  const jobs = 2 * points * prompts / shard;
  const work = points * prompts * (continuing + judging) / faster + jobs * perJob;
  const sum = work + trained.reduce((sum, seconds) => sum + seconds, 0);
  // a training is not divided, and what it is for comes after it
  const longest = Math.max(...trained) + work / points / devices;
  return { sum: sum / 3600, all: Math.max(sum / devices, longest) / 3600 };
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
