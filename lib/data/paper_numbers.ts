import dexpertsTable1 from "../../data/paper/dexperts_table1.csv" with { type: "text" };
import dexpertsTable3 from "../../data/paper/dexperts_table3.csv" with { type: "text" };
import settings from "../../data/paper/settings.json" with { type: "json" };
import table1 from "../../data/paper/table1.csv" with { type: "text" };
import table2 from "../../data/paper/table2.csv" with { type: "text" };
import table3 from "../../data/paper/table3.csv" with { type: "text" };
import { parseCsv } from "../files/csv_records.ts";
import { cannotRead } from "../files/file_errors.ts";
import { readJsonFile } from "../files/json_file.ts";
import { numberOf } from "./number_of.ts";
import { isObject } from "./value_at.ts";

/** The systems of the paper's tables 2 and 3. */
export const paperSystems = {
  "arm-distilled": "ARM, distilled",
  "arm-labels": "ARM, labels only",
  rad: "RAD",
} as const;

/** A system of the paper's tables 2 and 3. */
export type PaperSystem = keyof typeof paperSystems;

/** A row of table 1: what a step costs. */
export interface PaperCalls {
  system: string;
  /** As the paper writes it. */
  model: string;
  /** Forward passes of the reward model's backbone a step; "k" is one for each candidate. */
  backboneCalls: number | "k";
}

/** A row of table 2: detoxification. */
export interface PaperToxicity {
  system: PaperSystem;
  k: number;
  beta: number;
  /** In [0, 1], by the Perspective API of June and July 2024. */
  averageMaximalToxicity: number;
  toxicRate: number;
  perplexity: number;
  dist2: number;
  dist3: number;
}

/** A row of table 3: sentiment control. */
export interface PaperSentiment {
  system: PaperSystem;
  k: number;
  beta: number;
  /** In percent. */
  positiveRateNegativePromptsPercent: number;
  positiveRateNeutralPromptsPercent: number;
  perplexity: number;
  dist2: number;
  dist3: number;
}

/** A row of table 1 of the DExperts paper: detoxification by another system, at its one setting. */
export interface PublishedToxicity {
  /** As it is called there; GPT-2 is the base model, unsteered. */
  system: string;
  /** In [0, 1], by the Perspective API of 2021. */
  averageMaximalToxicity: number;
  toxicRate: number;
  perplexity: number;
  dist2: number;
  dist3: number;
}

/** A row of table 3 of the DExperts paper: sentiment control by another system, at its one setting. */
export interface PublishedSentiment {
  /** As it is called there; GPT-2 is the base model, unsteered. */
  system: string;
  /** In percent. */
  positiveRateNegativePromptsPercent: number;
  positiveRateNeutralPromptsPercent: number;
  perplexity: number;
  dist2: number;
  dist3: number;
}

/** Table 1 of the paper, or a file of that form. @throws Error, naming the line, if the file is not as it should be. */
export async function readPaperTable1(path?: string): Promise<PaperCalls[]> {
  const rows = await readRows(path, table1, ["system", "model", "backbone_calls"]);
  return rows.map(({ text, number }) => ({
    system: text("system"),
    model: text("model"),
    backboneCalls: text("backbone_calls") === "k" ? "k" : number("backbone_calls", 0),
  }));
}

/** Table 2 of the paper. @throws Error, naming the line, if the file is not as it should be. */
export async function readPaperTable2(
  path?: string,
): Promise<PaperToxicity[]> {
  const shares = ["average_maximal_toxicity", "toxic_rate"];
  const rows = await readRows(path, table2, [...point, ...shares, ...texts]);
  return rows.map((row) => ({
    ...pointOf(row),
    averageMaximalToxicity: row.number("average_maximal_toxicity", 0, 1),
    toxicRate: row.number("toxic_rate", 0, 1),
    ...textsOf(row),
  }));
}

/** Table 3 of the paper. @throws Error, naming the line, if the file is not as it should be. */
export async function readPaperTable3(
  path?: string,
): Promise<PaperSentiment[]> {
  const [negative, neutral] = positiveRates;
  const rows = await readRows(path, table3, [...point, negative, neutral, ...texts]);
  return rows.map((row) => ({
    ...pointOf(row),
    positiveRateNegativePromptsPercent: row.number(negative, 0, 100),
    positiveRateNeutralPromptsPercent: row.number(neutral, 0, 100),
    ...textsOf(row),
  }));
}

/**
 * Other systems in detoxification, as table 1 of the DExperts paper (Liu et al., 2021,
 * https://doi.org/10.18653/v1/2021.acl-long.522) has them: GPT-2-Large, the same 10,000 prompts (PPLM: 1,000 of them),
 * 25 continuations of up to 20 tokens by nucleus sampling (p = 0.9), perplexity under GPT-2-XL.
 *
 * Toxicity is by the Perspective API of 2021: as the paper says of its figure 7, it does not compare with that of 2024.
 *
 * @throws {Error} naming the line, if the file is not as it should be.
 */
export async function readDExpertsTable1(
  path?: string,
): Promise<PublishedToxicity[]> {
  const shares = ["average_maximal_toxicity", "toxic_rate"];
  const rows = await readRows(path, dexpertsTable1, ["system", ...shares, ...texts]);
  return rows.map((row) => ({
    system: row.text("system"),
    averageMaximalToxicity: row.number("average_maximal_toxicity", 0, 1),
    toxicRate: row.number("toxic_rate", 0, 1),
    ...textsOf(row),
  }));
}

/**
 * Other systems in sentiment control, as table 3 of the DExperts paper (Liu et al., 2021,
 * https://doi.org/10.18653/v1/2021.acl-long.522) has them, steered towards positive texts: GPT-2-Large, the prompts of the
 * paper's table 3 (PPLM: a tenth of them), nucleus sampling (p = 0.9), perplexity under GPT-2-XL.
 *
 * @throws {Error} naming the line, if the file is not as it should be.
 */
export async function readDExpertsTable3(
  path?: string,
): Promise<PublishedSentiment[]> {
  const [negative, neutral] = positiveRates;
  const rows = await readRows(path, dexpertsTable3, ["system", negative, neutral, ...texts]);
  return rows.map((row) => ({
    system: row.text("system"),
    positiveRateNegativePromptsPercent: row.number(negative, 0, 100),
    positiveRateNeutralPromptsPercent: row.number(neutral, 0, 100),
    ...textsOf(row),
  }));
}

/** What a training stage of the paper uses. */
export interface PaperTrainingStage {
  /** A corpus by name. */
  corpus: string;
  learningRate: number;
  /** Null where the paper does not say. */
  epochs: number | null;
}

/** The settings that the paper states. */
export interface PaperSettings {
  k: number[];
  continuations: number;
  maxNewTokens: number;
  betas: { detoxification: number[]; sentiment: number[] };
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  batchSize: number;
  training: Record<
    "detoxification" | "sentiment_labels" | "sentiment_distilled",
    PaperTrainingStage[]
  >;
  labels: string[];
  /** Names of models, as on the Hugging Face hub where they are there. */
  models: Record<
    "base" | "reward" | "perplexity" | "sentiment_judge" | "toxicity_judge",
    string
  >;
}

/** The settings of the paper. @throws Error, naming the setting, if the file is not as it should be. */
export async function readPaperSettings(
  path?: string,
): Promise<PaperSettings> {
  const file = path === undefined ? settings : await readJsonFile(path);
  const refuse = (name: string, wanted: string): never => {
    throw new Error(
      `Cannot read '${path ?? "settings.json"}': ${name} must be ${wanted}, so restore that file`,
    );
  };
  const at = (name: string): unknown =>
    name.split(".").reduce<unknown>((value, key) => isObject(value) ? value[key] : undefined, file);
  const number = (name: string): number => {
    const value = at(name);
    return typeof value === "number" ? value : refuse(name, "a number");
  };
  const text = (name: string): string => {
    const value = at(name);
    return typeof value === "string" ? value : refuse(name, "a text");
  };
  const list = <T>(name: string, isItem: (item: unknown) => item is T, what: string): T[] => {
    const value = at(name);
    return Array.isArray(value) && value.every(isItem) ? value : refuse(name, `a list of ${what}`);
  };
  const isNumber = (item: unknown) => typeof item === "number";
  const isText = (item: unknown) => typeof item === "string";
  const isStage = (
    item: unknown,
  ): item is { corpus: string; learning_rate: number; epochs: number | null } =>
    isObject(item) && typeof item.corpus === "string" && typeof item.learning_rate === "number" &&
    (item.epochs === null || typeof item.epochs === "number");
  const stages = (name: string): PaperTrainingStage[] =>
    list(`training.${name}`, isStage, "stages").map(({ corpus, learning_rate, epochs }) => (
      { corpus, learningRate: learning_rate, epochs }
    ));
  return {
    k: list("decoding.k", isNumber, "numbers"),
    continuations: number("decoding.continuations"),
    maxNewTokens: number("decoding.max_new_tokens"),
    betas: {
      detoxification: list("decoding.betas.detoxification", isNumber, "numbers"),
      sentiment: list("decoding.betas.sentiment", isNumber, "numbers"),
    },
    beta1: number("optimizer.beta1"),
    beta2: number("optimizer.beta2"),
    epsilon: number("optimizer.epsilon"),
    weightDecay: number("optimizer.weight_decay"),
    batchSize: number("optimizer.batch_size"),
    training: {
      detoxification: stages("detoxification"),
      sentiment_labels: stages("sentiment_labels"),
      sentiment_distilled: stages("sentiment_distilled"),
    },
    labels: list("labels", isText, "texts"),
    models: {
      base: text("models.base"),
      reward: text("models.reward"),
      perplexity: text("models.perplexity"),
      sentiment_judge: text("models.sentiment_judge"),
      toxicity_judge: text("models.toxicity_judge"),
    },
  };
}

/** A row of a table, read by the names of its columns. */
interface Row {
  text: (name: string) => string;
  number: (name: string, min: number, max?: number) => number;
}

const point = ["system", "k", "beta"];
const positiveRates = [
  "positive_rate_negative_prompts_percent",
  "positive_rate_neutral_prompts_percent",
];
const texts = ["perplexity", "dist2", "dist3"];

function pointOf({ text, number }: Row) {
  return { system: text("system") as PaperSystem, k: number("k", 1), beta: number("beta", 0) };
}

function textsOf({ number }: Row) {
  return {
    perplexity: number("perplexity", 1),
    dist2: number("dist2", 0, 1),
    dist3: number("dist3", 0, 1),
  };
}

/** The rows of a file, or of a table that comes with the library where no file is named. */
async function readRows(
  file: string | undefined,
  own: string,
  columns: readonly string[],
): Promise<Row[]> {
  const path = file ?? "the paper's table";
  const bytes = file === undefined ? new TextEncoder().encode(own) : await Deno.readFile(file)
    .catch((cause) => {
      throw cannotRead(path, cause);
    });
  const [{ cells: header } = { cells: [] }, ...records] = parseCsv(path, bytes);
  if (header.join() !== columns.join()) {
    throw new Error(
      `Cannot read '${path}': its columns are ${header.join(", ")}, but should be ${
        columns.join(", ")
      }, so restore that file`,
    );
  }
  const rows: Row[] = [];
  for (const { line, cells } of records) {
    const refuse = (name: string, wanted: string): never => {
      throw new Error(
        `Cannot read '${path}': line ${line} has '${
          text(name)
        }' in column ${name}, which must be ${wanted}, so restore that file`,
      );
    };
    const text = (name: string) => cells[columns.indexOf(name)];
    const number = (name: string, min: number, max = Infinity): number => {
      const value = numberOf(text(name));
      const isGood = value !== undefined && value >= min && value <= max;
      return isGood
        ? value
        : refuse(name, `a number from ${min} ${max === Infinity ? "up" : `to ${max}`}`);
    };
    const isTable = columns.includes("beta");
    if (isTable && !Object.hasOwn(paperSystems, text("system"))) {
      refuse("system", `one of ${Object.keys(paperSystems).join(", ")}`);
    }
    rows.push({ text, number });
  }
  return rows;
}
