import { isObject } from "../data/value_at.ts";
import type { PaperSettings } from "../data/paper_numbers.ts";
import { readJsonFile } from "../files/json_file.ts";
import type { efficiencyScales } from "./efficiency_scales.ts";
import type { HubSource } from "./stages/hub_stages.ts";

/** A pass of training over one corpus. */
export interface PassSettings {
  readonly learningRate: number;
  readonly epochs: number;
}

/**
 * Names, revisions and sizes of the paper profile: all that differs between the paper's experiments and a run of the
 * same code in a minute. In a file, only what differs from the paper is given.
 */
export interface PaperProfileSettings {
  readonly models: {
    /** What is steered. */
    readonly base: HubSource;
    /** What reward models are trained from. */
    readonly reward: HubSource;
    /** Whose perplexity is fluency. */
    readonly fluency: HubSource;
    /** A classifier of transformers.js. */
    readonly sentimentJudge: HubSource;
    /** The released RAD models, and where in their repository each is. */
    readonly teachers: HubSource & { readonly toxicity: string; readonly sentiment: string };
  };
  readonly data: {
    readonly amazonPolarity: HubSource & { readonly files: string };
    readonly sst2: HubSource & { readonly files: string };
  };
  readonly training: {
    readonly batchSize: number;
    /** Parts that a batch is computed in, to fit the memory. */
    readonly accumulationSteps: number;
    readonly jigsaw: PassSettings;
    readonly amazonPolarity: PassSettings;
    readonly sst2: PassSettings;
  };
  readonly decoding: {
    readonly topK: number;
    readonly samples: number;
    readonly maxNewTokens: number;
    readonly toxicityBetas: readonly number[];
    readonly sentimentBetas: readonly number[];
  };
  /** Prompts of each set; fewer are drawn by a seed. */
  readonly prompts: { readonly toxicity: number; readonly sentiment: number };
  readonly perspective: { readonly requestsPerSecond: number; readonly url: string };
  readonly efficiency: {
    readonly scale: keyof typeof efficiencyScales;
    readonly topK: readonly number[];
    readonly samples: number;
    readonly maxNewTokens: number;
  };
}

/** What the paper says, with the names that things have on the hub. */
export function paperProfileSettings(paper: PaperSettings): PaperProfileSettings {
  const { models, training, betas } = paper;
  const model = (name: string, bytes: number) => ({
    name: `openai-community/${name}`,
    revision: "main",
    bytes,
  });
  // the paper does not say how long the first pass for labels takes; RAD, whose settings it reuses, takes five epochs
  const pass = ({ learningRate, epochs }: PaperSettings["training"]["detoxification"][number]) => ({
    learningRate,
    epochs: epochs ?? 5,
  });
  return {
    models: {
      base: model(models.base, 3.3e9),
      reward: model(models.reward, 5.5e8),
      fluency: model(models.perplexity, 6.5e9),
      sentimentJudge: {
        // the weights of the paper's judge, as graphs for transformers.js
        name: models.sentiment_judge.replace(/^distilbert\//, "Xenova/"),
        revision: "main",
        bytes: 2.7e8,
      },
      teachers: {
        name: "hk/rad_rms",
        revision: "main",
        bytes: 1e9,
        toxicity: "gpt2_toxicity/pytorch_model.bin",
        sentiment: "gpt2_sentiment/pytorch_model.bin",
      },
    },
    data: {
      amazonPolarity: {
        name: "fancyzhx/amazon_polarity",
        revision: "main",
        bytes: 1.1e9,
        files: "amazon_polarity/train-*.parquet",
      },
      sst2: {
        name: "stanfordnlp/sst2",
        revision: "main",
        bytes: 3.2e6,
        files: "data/train-*.parquet",
      },
    },
    training: {
      batchSize: paper.batchSize,
      accumulationSteps: 1,
      jigsaw: pass(training.detoxification[0]),
      amazonPolarity: pass(training.sentiment_labels[0]),
      sst2: pass(training.sentiment_labels[1]),
    },
    decoding: {
      topK: paper.k[0],
      samples: paper.continuations,
      maxNewTokens: paper.maxNewTokens,
      toxicityBetas: betas.detoxification,
      sentimentBetas: betas.sentiment,
    },
    prompts: { toxicity: 10_000, sentiment: 5000 },
    perspective: { requestsPerSecond: 1, url: "https://commentanalyzer.googleapis.com" },
    efficiency: { scale: "paper", topK: [1, 5, 10, 20, 40, 80], samples: 25, maxNewTokens: 20 },
  };
}

/** Names that settings had; files with them go on working. */
const formerNames: Readonly<Record<string, string>> = {
  k: "topK",
  maxTokens: "maxNewTokens",
  newTokens: "maxNewTokens",
  parts: "accumulationSteps",
  rate: "learningRate",
};

/**
 * Settings with what a JSON file says otherwise.
 *
 * @throws {Error} if the file cannot be read; {SyntaxError} if it is not JSON; {TypeError}, naming the setting, if there
 *   is no such setting or its value is of another kind.
 */
export async function settingsFrom<Settings extends object>(
  path: string,
  usual: Settings,
): Promise<Settings> {
  return overridden(usual, await readJsonFile(path), path, "") as Settings;
}

function overridden(usual: unknown, given: unknown, path: string, name: string): unknown {
  const refuse = (wanted: string): never => {
    throw new TypeError(`Cannot use '${path}': ${name ? `'${name}'` : "it"} must be ${wanted}`);
  };
  if (Array.isArray(usual)) {
    const kind = typeof usual[0];
    const fits = Array.isArray(given) && given.length > 0 &&
      given.every((item) => typeof item === kind);
    return fits ? given : refuse(`a list of ${kind}s`);
  }
  if (!isObject(usual)) {
    return typeof given === typeof usual ? given : refuse(`a ${typeof usual}`);
  }
  if (!isObject(given)) return refuse("an object");
  const result = { ...usual };
  for (const [written, value] of Object.entries(given)) {
    const key = Object.hasOwn(usual, written) ? written : formerNames[written] ?? written;
    const full = name ? `${name}.${key}` : key;
    if (!Object.hasOwn(usual, key)) {
      throw new TypeError(
        `Cannot use '${path}': there is no setting '${full}', but ${Object.keys(usual).join(", ")}`,
      );
    }
    result[key] = overridden(usual[key], value, path, full);
  }
  return result;
}
