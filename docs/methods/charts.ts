/**
 * Measures every method in the small world beside an ARM, and draws the charts of the pages here:
 *
 *     deno run -A docs/methods/charts.ts        # measures, and draws
 *     deno run -A docs/methods/charts.ts draw   # draws what points.csv has
 *     deno run -A docs/methods/charts.ts PPO    # measures this one, of those that train the base itself, and draws
 *
 * It takes the demo's models from `runs/demo` (or trains them), trains the other methods into `runs/methods`, steers
 * towards praise, and writes `points.csv` and a chart a method beside this file. About two minutes on 2 cores, or five with
 * the demo's models; the same seeds give the same numbers.
 *
 * @module
 */
import { measuredWriters } from "./writers.ts";
import {
  createWorld,
  type LabelledTexts,
  loadTokenizer,
  openBaseModel,
  openDevice,
  openRewardModel,
  renderSvg,
  sampleWorldCorpus,
  sweep,
  type SweepRow,
  tradeOffChart,
  trainRewardModel,
  trainWorldModels,
  worldJudge,
  worldPrompts,
} from "armature";

const here = new URL("./", import.meta.url);
const table = new URL("points.csv", here);

const columns = ["system", "beta", "score", "scoreLow", "scoreHigh"] as const;
const fluency = ["perplexity", "perplexityLow", "perplexityHigh", "backboneCalls"] as const;
const shown = [...columns, ...fluency];
type Point = Pick<SweepRow, typeof shown[number]>;

const device = await openDevice("cpu");
const world = createWorld();

/** Texts and how positive they are. */
function labelledTexts(): LabelledTexts {
  const corpus = sampleWorldCorpus({ seed: 0, texts: 20_000, world });
  return {
    texts: corpus.texts,
    labels: Float32Array.from(corpus.positive),
    labelNames: ["positive"],
    skipped: 0,
  };
}

/** Trains what is not there, and steers with all of it. */
async function measured(labelled: LabelledTexts): Promise<Point[]> {
  const folders = await trainWorldModels(device);
  const training = {
    batchSize: 64,
    schedule: "cosine",
    warmupSteps: 30,
    epochs: 2,
    resume: true,
  } as const;

  /** Trains a model of a kind that the demo has none of. @returns its folder. */
  async function trained(
    kind: "fudge" | "gedi" | "dexperts",
    learningRate: number,
    rest: { generativeWeight?: number } = {},
  ): Promise<string> {
    const out = `runs/methods/${kind}`;
    const settings = { ...training, ...rest, kind, learningRate, base: folders.base, out };
    await trainRewardModel(labelled, device, settings);
    return out;
  }

  const arm = { title: "ARM, distilled", folder: folders["arm-distilled"], betas: [5, 10, 20, 40] };
  const systems = [
    arm,
    { title: "ARM, labels only", folder: folders["arm-labels"], betas: arm.betas },
    { title: "RAD", folder: folders.rad, betas: arm.betas },
    { title: "FUDGE", folder: await trained("fudge", 2e-3), betas: [1, 2, 5, 10] },
    {
      title: "GeDi",
      folder: await trained("gedi", 5e-4, { generativeWeight: 0.2 }),
      betas: [2, 5, 10, 20],
    },
    { title: "DExperts", folder: await trained("dexperts", 5e-4), betas: [0.25, 0.5, 1, 2] },
  ];

  await using base = await openBaseModel(folders.base, device);
  const tokenizer = await loadTokenizer(folders.base);
  const prompts = worldPrompts({ seed: 0, count: 100, world });
  const common = {
    samples: 10,
    seed: 0,
    ...worldJudge(world),
  };
  const rows: SweepRow[] = [];
  for (const { title, folder, betas } of systems) {
    await using model = await openRewardModel(folder, device);
    const system = { name: title, model, steering: [{ label: "positive" }] };
    rows.push(
      ...await sweep(base, tokenizer, prompts, {
        ...common,
        systems: [system],
        betas: [0, ...betas],
      }),
    );
  }
  return rows;
}

async function write(points: readonly Point[]): Promise<void> {
  const cell = (value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(6)) : JSON.stringify(value);
  const lines = points.map((point) => shown.map((name) => cell(point[name])));
  await Deno.writeTextFile(table, [shown, ...lines].join("\n") + "\n");
}

/** What `write` wrote. */
async function read(): Promise<Point[]> {
  const [, ...lines] = (await Deno.readTextFile(table)).trimEnd().split("\n");
  return lines.map((line) => {
    const cells = JSON.parse(`[${line}]`);
    return Object.fromEntries(shown.map((name, i) => [name, cells[i]])) as unknown as Point;
  });
}

/** The systems of each page's chart, the method last. */
const pages: Record<string, readonly string[]> = {
  arm: ["ARM, labels only", "ARM, distilled"],
  rad: ["ARM, distilled", "RAD"],
  fudge: ["ARM, labels only", "FUDGE"],
  gedi: ["ARM, labels only", "GeDi"],
  dexperts: ["ARM, labels only", "DExperts"],
  dapt: ["ARM, labels only", "DAPT"],
  ctrl: ["ARM, labels only", "CTRL"],
  quark: ["ARM, labels only", "Quark"],
  ppo: ["ARM, labels only", "PPO"],
};

if (Deno.args[0] !== "draw") {
  const labelled = labelledTexts();
  const titles = Deno.args.length === 0 ? undefined : Deno.args;
  const others = titles
    ? (await read()).filter(({ system }) => !titles.includes(system))
    : await measured(labelled);
  await write([...others, ...await measuredWriters(labelled, device, titles)]);
}
const points = await read();
for (const [page, names] of Object.entries(pages)) {
  const chart = tradeOffChart(points.filter(({ system }) => names.includes(system)), {
    theme: "transparent",
    title: page === "arm" ? "An ARM, by what it learns from" : `${names.at(-1)} beside an ARM`,
    subtitle: "In the small world. Right: more control. Down: more fluent.",
    scoreTitle: "Exact probability that the text is positive",
    perplexityTitle: "True perplexity a word",
  });
  await Deno.writeTextFile(new URL(`${page}.svg`, here), await renderSvg(chart));
}
