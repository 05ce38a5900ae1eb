import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import * as armature from "../../mod.ts";
import { learningCurveChartOptions } from "../../lib/charts/learning_curve.ts";
import { optimumChartOptions } from "../../lib/charts/optimum.ts";
import { rewardDistributionChartOptions } from "../../lib/charts/reward_distribution.ts";
import { singularValuesChartOptions } from "../../lib/charts/singular_values.ts";
import { timePerTokenChartOptions } from "../../lib/charts/time_per_token.ts";
import { tradeOffChartOptions } from "../../lib/charts/trade_off.ts";
import { tradeOffPanelsOptions } from "../../lib/charts/trade_off_panels.ts";
import { corpora } from "../../lib/data/corpora/mod.ts";
import { corpusBatchesOptions, readCorpusOptions } from "../../lib/data/corpora/read_corpus.ts";
import { labelledTextsOptions } from "../../lib/data/labelled_texts.ts";
import { preferencePairsOptions } from "../../lib/data/preference_pairs.ts";
import { promptsOptions } from "../../lib/data/prompts.ts";
import { textsOptions } from "../../lib/data/texts.ts";
import { sampleWorldCorpusOptions } from "../../lib/data/world/sample_world_corpus.ts";
import { worldPromptsOptions } from "../../lib/data/world/world_prompts.ts";
import { completionsBaseOptions } from "../../lib/bases/completions_base.ts";
import {
  generateOptions,
  generateTextsOptions,
  streamTextsOptions,
} from "../../lib/decode/generate_options.ts";
import { openFormulaOptions } from "../../lib/bases/open_formula.ts";
import { openBaseOptions } from "../../lib/bases/open_base.ts";
import { quantizeModelOptions } from "../../lib/decode/quantize_options.ts";
import { transformersBaseOptions } from "../../lib/bases/transformers_base.ts";
import { embedTextsOptions } from "../../lib/encoders/embed_texts.ts";
import { trainEmbeddingClassifierOptions } from "../../lib/eval/embedding_classifier.ts";
import { bootstrapIntervalOptions } from "../../lib/eval/bootstrap.ts";
import { cachedScorerOptions } from "../../lib/eval/cached_scorer.ts";
import { controlAreaOptions } from "../../lib/eval/control_area.ts";
import { meanPerplexityOptions } from "../../lib/eval/perplexity.ts";
import { optimumFrontierOptions, optimumGapOptions } from "../../lib/eval/optimum_options.ts";
import { promptMeansOptions } from "../../lib/eval/prompt_means.ts";
import { scoreTableOptions } from "../../lib/eval/score_table.ts";
import { scorerModelOptions } from "../../lib/eval/scorer_model.ts";
import { openScorerOptions } from "../../lib/eval/scorers/mod.ts";
import { trainTextClassifierOptions } from "../../lib/eval/text_classifier.ts";
import { toxicRateOptions } from "../../lib/eval/toxicity.ts";
import { efficiencyOptions } from "../../lib/experiments/efficiency_options.ts";
import { pretrainedDemoOptions } from "../../lib/experiments/pretrained_demo_options.ts";
import { pretrainedModelsOptions } from "../../lib/experiments/pretrained_models_options.ts";
import { profileOptions } from "../../lib/experiments/profile_options.ts";
import { sweepAreasOptions } from "../../lib/experiments/sweep_areas_options.ts";
import { sweepOptions } from "../../lib/experiments/sweep_options.ts";
import { worldDemoOptions } from "../../lib/experiments/world_demo_options.ts";
import { worldJudgeOptions } from "../../lib/experiments/world_judge_options.ts";
import { worldModelsOptions } from "../../lib/experiments/world_models_options.ts";
import { serveExplorerOptions } from "../../lib/explore/serve_explorer_options.ts";
import { serveModelOptions } from "../../lib/serve/serve_model_options.ts";
import { outputOptions } from "../../lib/files/finished_output.ts";
import type { OptionTable } from "../../lib/options/option.ts";
import { importOptions } from "../../lib/methods/import_checkpoint.ts";
import { importGgufOptions } from "../../lib/weights/gguf/import_gguf.ts";
import { mergeAdapterOptions } from "../../lib/methods/merge_adapter.ts";
import { openRewardModelOptions } from "../../lib/methods/open_reward_model.ts";
import { armHeadOptions } from "../../lib/methods/arm.ts";
import { guidedDistributionOptions } from "../../lib/decode/guided_distribution.ts";
import { fitOptions } from "../../lib/train/fit_options.ts";
import { labelOptions } from "../../lib/train/label_options.ts";
import { languageModelOptions } from "../../lib/train/language_model_options.ts";
import { rewardObjectiveOptions } from "../../lib/methods/next_token_objective.ts";
import { rewardModelOptions } from "../../lib/methods/reward_model_options.ts";
import { trainMethodOptions } from "../../lib/methods/train_method.ts";
import { policyOptions } from "../../lib/tuning/policy_options.ts";
import { pngOptions } from "../../lib/svg_png.ts";
import { packageOptions } from "../../lib/weights/pypi/package_options.ts";
import { drawTextsOptions } from "../../lib/whole_texts/draw_texts_options.ts";
import { fetchOptions } from "../../lib/weights/hub/fetch_model.ts";
import { letters } from "../bases/letters.ts";
import { kindScorer } from "../kind_texts.ts";
import { tinyBackbone } from "../tiny_models.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { wrongValues } from "./wrong_values.ts";

/** A public function with options. */
interface Public {
  readonly table: OptionTable;
  /** Calls it with these options and otherwise right arguments. */
  readonly call: (options: Record<string, unknown>) => unknown;
  /** Options that have to be there. */
  readonly valid?: Record<string, unknown>;
}

const device = { name: "cpu" } as const;
const means = armature.promptMeans([[0.5]]);
const points = [{ beta: 0, score: means, fluency: means }];
const [corpus] = corpora;
const logits = armature.input("logits", "float32", ["rows", "k"]);
const scores = armature.input("scores", "float32", ["rows", 1, "k"]);
const head = armature.armHead({ labels: 1, width: tinyBackbone.width });
const labelled = {
  texts: ["a"],
  labels: Float32Array.of(1),
  labelNames: ["label"],
  skipped: 0,
};
const method: armature.Method = {
  kind: "method-of-a-test",
  title: "A method of a test",
  rule: "reward",
  head: () => head,
  objective: (backbone, head, { labels }) =>
    armature.rewardObjective(backbone, head, { labels, loss: () => logits }),
};

/** Reads the first of what comes piece by piece. */
const first = (pieces: unknown) => (pieces as AsyncGenerator).next();

// deno-lint-ignore no-explicit-any -- wrong options are the point
const any = (options: Record<string, unknown>): any => options;

/** Every public function that takes options. */
function functionsWith(base: armature.BaseModel): Record<string, Public> {
  const prompts = [[1]];
  const scorer = { score: () => {} } as unknown as armature.Scorer;
  const encoder = { embed: () => Promise.resolve() } as unknown as armature.SentenceEncoder;
  const cache = Object.create(armature.ScoreCache.prototype) as armature.ScoreCache;
  const guided = { systems: [], betas: [1], perplexity: () => 1, measure: () => ({}) };
  return {
    armHead: {
      table: armHeadOptions,
      call: (options) => armature.armHead({ labels: 1, width: 2 }, any(options)),
    },
    bootstrapInterval: {
      table: bootstrapIntervalOptions,
      call: (options) => armature.bootstrapInterval([1], () => 1, any(options)),
    },
    cachedScorer: {
      table: cachedScorerOptions,
      call: (options) => armature.cachedScorer(scorer, cache, any(options)),
    },
    controlArea: {
      table: controlAreaOptions,
      valid: { better: "higher" },
      call: (options) => armature.controlArea(points, points, any(options)),
    },
    corpusBatches: {
      table: corpusBatchesOptions,
      call: (options) => first(armature.corpusBatches(corpus, ["a.csv"], any(options))),
    },
    drawTexts: {
      table: drawTextsOptions,
      valid: { method: "cards", reward: { rater: kindScorer } },
      call: (options) => armature.drawTexts(base, letters, ["a"], any(options)),
    },
    embedTexts: {
      table: embedTextsOptions,
      call: (options) => armature.embedTexts(encoder, ["a"], any(options)),
    },
    exportBaseModel: {
      table: outputOptions,
      call: (options) => armature.exportBaseModel("from", "to", any(options)),
    },
    fetchDataset: {
      table: fetchOptions,
      call: (options) => armature.fetchDataset("owner/name", any(options)),
    },
    fetchModel: {
      table: fetchOptions,
      call: (options) => armature.fetchModel("owner/name", any(options)),
    },
    fetchPackage: {
      table: packageOptions,
      call: (options) => armature.fetchPackage(["name"], any(options)),
    },
    fit: {
      table: fitOptions,
      valid: { learningRate: 1e-3, epochs: 1 },
      call: (options) => armature.fit({} as armature.Trainer, [], any(options)),
    },
    generate: {
      table: generateOptions,
      call: (options) => armature.generate(base, prompts, any(options)),
    },
    generateSteps: {
      table: generateOptions,
      call: (options) => first(armature.generateSteps(base, prompts, any(options))),
    },
    generateTexts: {
      table: generateTextsOptions,
      call: (options) => armature.generateTexts(base, letters, ["a"], any(options)),
    },
    guidedDistribution: {
      table: guidedDistributionOptions,
      call: (options) => armature.guidedDistribution(logits, scores, any(options)),
    },
    guidedLogits: {
      table: guidedDistributionOptions,
      call: (options) => armature.guidedLogits(logits, scores, any(options)),
    },
    importCheckpoint: {
      table: importOptions,
      valid: { checkpoint: "a", config: "b", kind: "rad", labels: ["c"], out: "d" },
      call: (options) => armature.importCheckpoint(any(options)),
    },
    importGguf: {
      table: importGgufOptions,
      valid: { gguf: "a.gguf", out: "b" },
      call: (options) => armature.importGguf(any(options)),
    },
    learningCurveChart: {
      table: learningCurveChartOptions,
      call: (options) => armature.learningCurveChart([], any(options)),
    },
    meanPerplexity: {
      table: meanPerplexityOptions,
      call: (options) => armature.meanPerplexity([1], any(options)),
    },
    measureEfficiency: {
      table: efficiencyOptions,
      valid: { scale: armature.efficiencyScales.world },
      call: (options) => first(armature.measureEfficiency(device, any(options))),
    },
    openProfile: {
      table: profileOptions,
      valid: { data: "folder" },
      call: (options) => armature.openProfile("world", any(options)),
    },
    openBase: {
      table: openBaseOptions,
      call: (options) => armature.openBase("folder", device, any(options)),
    },
    openFormula: {
      table: openFormulaOptions,
      call: (options) =>
        armature.openFormula(
          "base",
          { base, tokenizer: letters, tokenizerName: "letters" },
          device,
          any(options),
        ),
    },
    openCompletionsBase: {
      table: completionsBaseOptions,
      call: (options) => armature.openCompletionsBase("http://localhost", letters, any(options)),
    },
    openRewardModel: {
      table: openRewardModelOptions,
      call: (options) => armature.openRewardModel("folder", device, any(options)),
    },
    openScorer: {
      table: openScorerOptions,
      call: (options) => armature.openScorer("world", any(options)),
    },
    openTransformersBase: {
      table: transformersBaseOptions,
      call: (options) => armature.openTransformersBase("folder", device, any(options)),
    },
    optimumChart: {
      table: optimumChartOptions,
      valid: { frontier: [{ beta: 0, reward: 0.5, divergence: 0 }] },
      call: (options) => armature.optimumChart([], any(options)),
    },
    optimumFrontier: {
      table: optimumFrontierOptions,
      call: (options) => armature.optimumFrontier([[0.5]], any(options)),
    },
    optimumGap: {
      table: optimumGapOptions,
      call: (options) =>
        armature.optimumGap({ rewards: [[1]], logRatios: [[1]] }, [[0.5]], any(options)),
    },
    promptMeans: {
      table: promptMeansOptions,
      call: (options) => armature.promptMeans([[1]], any(options)),
    },
    mergeAdapter: {
      table: mergeAdapterOptions,
      call: (options) => armature.mergeAdapter("from", "to", any(options)),
    },
    quantizeModel: {
      table: quantizeModelOptions,
      call: (options) => armature.quantizeModel("from", "to", any(options)),
    },
    readCorpus: {
      table: readCorpusOptions,
      call: (options) => armature.readCorpus(corpus, ["a.csv"], any(options)),
    },
    readPreferencePairs: {
      table: preferencePairsOptions,
      call: (options) => armature.readPreferencePairs(["a.jsonl"], any(options)),
    },
    readLabelledTexts: {
      table: labelledTextsOptions,
      call: (options) => armature.readLabelledTexts(["a.csv"], any(options)),
    },
    readPrompts: {
      table: promptsOptions,
      call: (options) => armature.readPrompts("a.csv", any(options)),
    },
    readTexts: {
      table: textsOptions,
      call: (options) => armature.readTexts(["a.csv"], any(options)),
    },
    renderPng: {
      table: pngOptions,
      call: (options) => armature.renderPng("<svg/>", any(options)),
    },
    rewardObjective: {
      table: rewardObjectiveOptions,
      valid: { labels: 1, loss: () => {} },
      call: (options) => armature.rewardObjective(tinyBackbone, head, any(options)),
    },
    rewardDistributionChart: {
      table: rewardDistributionChartOptions,
      call: (options) => armature.rewardDistributionChart([], any(options)),
    },
    runPretrainedDemo: {
      table: pretrainedDemoOptions,
      call: (options) => armature.runPretrainedDemo(device, any(options)),
    },
    runWorldDemo: {
      table: worldDemoOptions,
      call: (options) => armature.runWorldDemo(device, any(options)),
    },
    sampleWorldCorpus: {
      table: sampleWorldCorpusOptions,
      valid: { texts: 1 },
      call: (options) => armature.sampleWorldCorpus(any(options)),
    },
    scorerModel: {
      table: scorerModelOptions,
      call: (options) =>
        armature.scorerModel(
          { ...scorer, labels: ["a"] },
          { base, tokenizer: letters },
          any(options),
        ),
    },
    scoreTable: {
      table: scoreTableOptions,
      call: (options) => armature.scoreTable([], any(options)),
    },
    serveExplorer: {
      table: serveExplorerOptions,
      call: (options) => armature.serveExplorer(base, letters, any(options)),
    },
    serveModel: {
      table: serveModelOptions,
      call: (options) => armature.serveModel(base, letters, any(options)),
    },
    singularValuesChart: {
      table: singularValuesChartOptions,
      call: (options) => armature.singularValuesChart([], any(options)),
    },
    streamTexts: {
      table: streamTextsOptions,
      call: (options) => first(armature.streamTexts(base, letters, ["a"], any(options))),
    },
    sweep: {
      table: sweepOptions,
      valid: guided,
      call: (options) => armature.sweep(base, letters, ["a"], any(options)),
    },
    sweepAreas: {
      table: sweepAreasOptions,
      valid: { reference: "a", measure: () => ({}) },
      call: (options) => armature.sweepAreas([], any(options)),
    },
    timePerTokenChart: {
      table: timePerTokenChartOptions,
      call: (options) => armature.timePerTokenChart([], any(options)),
    },
    tokenTrace: {
      table: generateTextsOptions,
      call: (options) => armature.tokenTrace({} as never, 0, letters, any(options)),
    },
    toxicRate: {
      table: toxicRateOptions,
      call: (options) => armature.toxicRate([1], any(options)),
    },
    tradeOffChart: {
      table: tradeOffChartOptions,
      call: (options) => armature.tradeOffChart([], any(options)),
    },
    tradeOffPanels: {
      table: tradeOffPanelsOptions,
      call: (options) => armature.tradeOffPanels([], any(options)),
    },
    trainEmbeddingClassifier: {
      table: trainEmbeddingClassifierOptions,
      call: (options) =>
        armature.trainEmbeddingClassifier(
          [Float32Array.of(0), Float32Array.of(1)],
          [0, 1],
          any(options),
        ),
    },
    trainLanguageModel: {
      table: languageModelOptions,
      valid: { out: "folder" },
      call: (options) => armature.trainLanguageModel(["a"], device, any(options)),
    },
    trainLanguageModelOnLabel: {
      table: labelOptions,
      valid: { method: "ctrl", out: "folder" },
      call: (options) => armature.trainLanguageModelOnLabel(labelled, device, any(options)),
    },
    trainMethod: {
      table: trainMethodOptions,
      valid: { base: "folder", out: "folder" },
      call: (options) => armature.trainMethod(method, labelled, device, any(options)),
    },
    trainPolicy: {
      table: policyOptions,
      valid: { method: "ppo", init: "folder", out: "folder" },
      call: (options) => armature.trainPolicy(["a"], kindScorer, device, any(options)),
    },
    trainPretrainedModels: {
      table: pretrainedModelsOptions,
      call: (options) => armature.trainPretrainedModels(device, any(options)),
    },
    trainRewardModel: {
      table: rewardModelOptions,
      valid: { kind: "arm", base: "folder", out: "folder" },
      call: (options) => armature.trainRewardModel(labelled, device, any(options)),
    },
    trainTextClassifier: {
      table: trainTextClassifierOptions,
      call: (options) => armature.trainTextClassifier(["a", "b"], [0, 1], any(options)),
    },
    trainWorldModels: {
      table: worldModelsOptions,
      call: (options) => armature.trainWorldModels(device, any(options)),
    },
    worldJudge: {
      table: worldJudgeOptions,
      call: (options) => armature.worldJudge(armature.createWorld(), any(options)),
    },
    worldPrompts: {
      table: worldPromptsOptions,
      valid: { count: 1 },
      call: (options) => armature.worldPrompts(any(options)),
    },
    writeChart: {
      table: pngOptions,
      call: (options) => armature.writeChart("folder", "name", {} as never, any(options)),
    },
  };
}

/** How a call ends, if it does so at once. */
async function ending(call: () => unknown): Promise<unknown> {
  try {
    return await Promise.race([call(), new Promise((resolve) => setTimeout(resolve, 0))]);
  } catch (error) {
    return error;
  }
}

Deno.test("every public function refuses unknown options, wrong types and values out of range in one sentence", async () => {
  await withTinyModels(async ({ bases }) => {
    const problems: string[] = [];
    for (
      const [name, { table, call, valid = {} }] of Object.entries(
        functionsWith(bases.lm),
      )
    ) {
      for (const wrong of wrongValues(table)) {
        const error = await ending(() => call({ ...valid, [wrong.name]: wrong.value }));
        const said = error instanceof Error ? `${error.name}: ${error.message}` : "no error";
        const isClear = said.startsWith(`${wrong.error}: ${name}`) && /^[^\n]+[.?]$/.test(said) &&
          said.includes(`'${wrong.name}`) &&
          (wrong.nearest === undefined || said.includes(`'${wrong.nearest}'?`));
        if (!isClear) {
          problems.push(`${name}({ ${wrong.name}: ${Deno.inspect(wrong.value)} }): ${said}`);
        }
      }
      for (const options of [3, "options", [1], null]) {
        const error = await ending(() => call(options as never));
        const said = String(error);
        if (!said.startsWith(`TypeError: ${name} takes an object of options`)) {
          problems.push(`${name}(${JSON.stringify(options)}): ${said}`);
        }
      }
    }
    assert.deepEqual(problems.slice(0, 20), []);
  });
});

Deno.test("every function of mod.ts that takes options is among them", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as Documented;
  const withOptions = Object.values(nodes).flatMap(({ symbols }) =>
    symbols.filter(({ declarations }) =>
      declarations.some(({ kind, def }) =>
        kind === "function" && def.params.some((param) => (param.left ?? param).name === "options")
      )
    ).map(({ name }) => name)
  );
  const known = Object.keys(functionsWith(undefined as never));
  assert.ok(withOptions.length > 30);
  assert.deepEqual([...new Set(withOptions)].filter((name) => !known.includes(name)), []);
});

/** What `deno doc --json` says, as far as it is used here. */
interface Documented {
  readonly nodes: Record<string, {
    readonly symbols: readonly {
      readonly name: string;
      readonly declarations: readonly {
        readonly kind: string;
        readonly def: { readonly params: readonly Parameter[] };
      }[];
    }[];
  }>;
}

interface Parameter {
  readonly name?: string;
  readonly left?: Parameter;
}
