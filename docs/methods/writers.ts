/** The language models that are trained themselves, for the charts of their pages: see `charts.ts`. */
import {
  createWorld,
  type Device,
  type LabelledTexts,
  loadTokenizer,
  openBaseModel,
  openScorer,
  sweep,
  type SweepRow,
  trainLanguageModelOnLabel,
  trainPolicy,
  trainWorldModels,
  worldJudge,
  worldPrompts,
} from "armature";
import { languageModelTerm } from "../../lib/bases/language_model_term.ts";

/** A language model that is trained to write texts with the label. */
interface Writer {
  readonly title: string;
  /** What its chart calls its strength: β of PPO, and 1 where there is none. */
  readonly beta: number;
  train(base: string, out: string): Promise<unknown>;
}

const again = { resume: true, keepOptimizer: false } as const;

/** The settings are those that `deno task reproduce all --profile world` has. */
function writers(labelled: LabelledTexts, device: Device): Writer[] {
  const onLabel = (method: "dapt" | "ctrl", title: string): Writer => ({
    title,
    beta: 1,
    train: (init, out) =>
      trainLanguageModelOnLabel(labelled, device, {
        ...again,
        method,
        init,
        out,
        batchSize: 64,
        warmupSteps: 30,
        learningRate: 5e-4,
        epochs: 2,
      }),
  });
  const policy = (
    method: "quark" | "ppo",
    title: string,
    beta: number,
    settings: {
      readonly iterations: number;
      readonly rollouts: number;
      readonly batchSize: number;
      readonly klCoefficient: number;
      readonly learningRate: number;
    },
  ): Writer => ({
    title,
    beta,
    train: async (init, out) =>
      await trainPolicy(worldPrompts({ seed: 1, count: 500 }), await openScorer("world"), device, {
        ...again,
        ...settings,
        method,
        init,
        out,
        label: "positive",
        epochs: 2,
        schedule: "linear",
        maxNewTokens: 24,
        topK: 20,
      }),
  });
  return [
    onLabel("dapt", "DAPT"),
    onLabel("ctrl", "CTRL"),
    policy("quark", "Quark", 1, {
      iterations: 8,
      rollouts: 2048,
      batchSize: 64,
      klCoefficient: 0.05,
      learningRate: 2e-3,
    }),
    policy("ppo", "PPO", 20, {
      iterations: 16,
      rollouts: 1024,
      batchSize: 128,
      klCoefficient: 0.05,
      learningRate: 5e-4,
    }),
  ];
}

/**
 * Trains what is not there into `runs/methods`, and measures it beside the base model, whose point is at strength 0.
 *
 * @param titles those that are measured. Default: all.
 */
export async function measuredWriters(
  labelled: LabelledTexts,
  device: Device,
  titles?: readonly string[],
): Promise<SweepRow[]> {
  const { base } = await trainWorldModels(device, { models: ["base"] });
  const tokenizer = await loadTokenizer(base);
  const world = createWorld();
  const prompts = worldPrompts({ seed: 0, count: 100, world });
  const measured = async (folder: string, title: string, beta: number): Promise<SweepRow> => {
    await using model = await openBaseModel(folder, device);
    await using term = languageModelTerm(model);
    const [row] = await sweep(model, tokenizer, prompts, {
      systems: [{ name: title, model: term, steering: [] }],
      betas: [0],
      samples: 10,
      seed: 0,
      ...worldJudge(world),
    });
    return { ...row, beta };
  };
  const rows: SweepRow[] = [];
  for (const { title, beta, train } of writers(labelled, device)) {
    if (titles && !titles.includes(title)) continue;
    const out = `runs/methods/${title.toLowerCase()}`;
    await train(base, out);
    rows.push(await measured(base, title, 0), await measured(out, title, beta));
  }
  return rows;
}
