/**
 * Armature steers language models while they write: autoregressive reward models (ARM) and the systems they are
 * compared with, trained and run through ONNX Runtime.
 *
 * - To steer: {@link openDevice}, {@link openBase}, {@link openRewardModel}, {@link generateTexts}, {@link streamTexts}.
 * - To train: {@link readLabelledTexts}, {@link trainLanguageModel}, {@link trainRewardModel}.
 * - To judge: {@link openScorer}, {@link trainTextClassifier}, {@link openLikelihoodJudge}, {@link controlArea}.
 * - To compare: {@link sweep}, {@link tradeOffChart}, {@link planExperiments}, {@link StageStore}.
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

// In a notebook, nothing that a cell shows gets lost.
import "./lib/notebook/arriving_outputs.ts";

// Devices
export {
  type Device,
  type DeviceChoice,
  type DeviceName,
  openDevice,
} from "./lib/runtime/device.ts";

// Models to steer, and what steers them
export { type BaseModel, type BaseReading, type Candidates } from "./lib/decode/base_model.ts";
export {
  type CompletionsBaseOptions,
  openCompletionsBase,
  type PromptForm,
} from "./lib/decode/completions_base.ts";
export { exportBaseModel } from "./lib/decode/export_base_model.ts";
export { openBaseModel } from "./lib/decode/gpt2_base.ts";
export { openBase, type OpenBaseOptions, type OpenedBase } from "./lib/decode/open_base.ts";
export {
  type Dtype,
  openTransformersBase,
  type TransformersBase,
  type TransformersBaseOptions,
} from "./lib/decode/transformers_base.ts";
export { openRewardModel } from "./lib/reward/open_reward_model.ts";
export { rateTexts, rateVocabulary } from "./lib/reward/rate_prefixes.ts";
export { type RewardModel, type RewardReading } from "./lib/reward/reward_model.ts";
export { type CompletionsClientOptions } from "./lib/decode/completions_client.ts";
export { type RadOptions } from "./lib/reward/rad.ts";
export { type ModelKind } from "./lib/nn/model_spec.ts";
export { type RuleName } from "./lib/reward/rules.ts";

// Guided decoding
export { type ClassFilter, type Steering } from "./lib/decode/guidance.ts";
export {
  generate,
  type GenerateOptions,
  generateSteps,
  type Generation,
  type Guide,
  type StepTrace,
} from "./lib/decode/generate.ts";
export { generateTexts, type GenerateTextsOptions } from "./lib/decode/generate_texts.ts";
export { streamTexts, type TextPiece } from "./lib/decode/stream_texts.ts";
export { type GeneratedTexts, type TextGeneration } from "./lib/decode/text_generation.ts";
export { type CandidateTrace, type TokenTrace, tokenTrace } from "./lib/decode/token_trace.ts";
export { type Choices, type GuidedCandidates, type Step } from "./lib/decode/step.ts";

// Exploring
export { type Explored, type NamedGuide } from "./lib/explore/explored.ts";
export {
  type ServedExplorer,
  serveExplorer,
  type ServeExplorerOptions,
} from "./lib/explore/serve_explorer.ts";

// Training
export { type LanguageModelOptions, trainLanguageModel } from "./lib/train/train_language_model.ts";
export {
  type RewardKind,
  type RewardModelOptions,
  trainRewardModel,
} from "./lib/train/train_reward_model.ts";
export { type RunOptions } from "./lib/train/run.ts";
export { type FitOptions, type MetricsRow } from "./lib/train/fit.ts";
export { type AdamWOptions } from "./lib/train/adamw.ts";
export { type RateShape, type Schedule } from "./lib/train/schedule.ts";
export { type FitResult } from "./lib/train/fit_result.ts";

// Data
export {
  type Corpus,
  type CorpusFormat,
  type CorpusSplit,
  type CorpusText,
} from "./lib/data/corpora/corpus.ts";
export { corpora, corpusNamed } from "./lib/data/corpora/mod.ts";
export {
  corpusBatches,
  type CorpusBatchesOptions,
  corpusFrame,
  readCorpus,
  type ReadCorpusOptions,
  type StreamCorpusOptions,
} from "./lib/data/corpora/read_corpus.ts";
export {
  type LabelledTexts,
  type LabelledTextsOptions,
  readLabelledTexts,
} from "./lib/data/labelled_texts.ts";
export {
  type PaperCalls,
  type PaperSentiment,
  type PaperSettings,
  type PaperSystem,
  type PaperToxicity,
  type PaperTrainingStage,
  readPaperSettings,
  readPaperTable1,
  readPaperTable2,
  readPaperTable3,
} from "./lib/data/paper_numbers.ts";
export { type PromptsOptions, readPrompts } from "./lib/data/prompts.ts";
export { readTexts, type TextsOptions } from "./lib/data/texts.ts";
export { loadTokenizer, type Tokenizer } from "./lib/data/tokenizer.ts";
export {
  createWorld,
  type World,
  type WorldScore,
  type WorldScoreOptions,
  type WorldText,
} from "./lib/data/world/world.ts";
export {
  sampleWorldCorpus,
  type WorldCorpus,
  type WorldCorpusOptions,
} from "./lib/data/world/sample_world_corpus.ts";
export { worldPrompts, type WorldPromptsOptions } from "./lib/data/world/world_prompts.ts";
export { type TokenizedText, type TokenizedTexts } from "./lib/data/tokenized_texts.ts";
export { type StreamedRow } from "./lib/data/row_stream.ts";
export { type Random } from "./lib/random.ts";

// Evaluation
export { bootstrapInterval, type BootstrapOptions, type Interval } from "./lib/eval/bootstrap.ts";
export { cachedScorer, type CachedScorerOptions } from "./lib/eval/cached_scorer.ts";
export {
  type ControlArea,
  controlArea,
  type ControlAreaOptions,
  type MeasuredPoint,
} from "./lib/eval/control_area.ts";
export { type Distinctness, distinctness } from "./lib/eval/distinctness.ts";
export {
  type Continuation,
  type LikelihoodJudge,
  openLikelihoodJudge,
} from "./lib/eval/likelihood.ts";
export { meanPerplexity, type MeanPerplexityOptions } from "./lib/eval/perplexity.ts";
export { positiveRate } from "./lib/eval/positive_rate.ts";
export { type PromptMeans, promptMeans, type PromptMeansOptions } from "./lib/eval/prompt_means.ts";
export { type CachedScores, ScoreCache } from "./lib/eval/score_cache.ts";
export { readScores, type ScoredGeneration, type Scores } from "./lib/eval/score_file.ts";
export { scoreTable, type ScoreTableEntry, type ScoreTableRow } from "./lib/eval/score_table.ts";
export { openScorer, type ScorerOptions } from "./lib/eval/scorers/mod.ts";
export {
  type Reads,
  type ScoredText,
  type ScoreOptions,
  type Scorer,
  type ScorerIdentity,
} from "./lib/eval/scorers/scorer.ts";
export {
  TextClassifier,
  type TextClassifierOptions,
  trainTextClassifier,
} from "./lib/eval/text_classifier.ts";
export { averageMaximalToxicity, toxicRate, type ToxicRateOptions } from "./lib/eval/toxicity.ts";
export { type PerspectiveOptions } from "./lib/eval/scorers/perspective.ts";

// Charts
export { learningCurveChart } from "./lib/charts/learning_curve.ts";
export { renderPng, renderSvg } from "./lib/charts/render.ts";
export { rewardDistributionChart } from "./lib/charts/reward_distribution.ts";
export { singularValuesChart } from "./lib/charts/singular_values.ts";
export { timePerTokenChart } from "./lib/charts/time_per_token.ts";
export { tradeOffChart } from "./lib/charts/trade_off.ts";
export { tradeOffPanels } from "./lib/charts/trade_off_panels.ts";
export { writeChart } from "./lib/charts/write_chart.ts";

// Experiments
export { efficiencyScales, measureEfficiency } from "./lib/experiments/efficiency.ts";
export { efficiencyChart, efficiencyTable } from "./lib/experiments/efficiency_report.ts";
export {
  type ExperimentName,
  type ExperimentPlan,
  planExperiments,
} from "./lib/experiments/experiments.ts";
export {
  openProfile,
  type ProfileName,
  type ProfileOptions,
} from "./lib/experiments/open_profile.ts";
export { type OutcomeSource, writeOutcome } from "./lib/experiments/write_outcome.ts";
export { type PlannedStage, type StageRecord, StageStore } from "./lib/stages/stage_store.ts";
export {
  type PromptMeasurement,
  sweep,
  type SweepOptions,
  type SweepRow,
  type System,
} from "./lib/experiments/sweep.ts";
export { type SweepArea, sweepAreas } from "./lib/experiments/sweep_areas.ts";
export { runWorldDemo } from "./lib/experiments/world_demo.ts";
export { worldJudge } from "./lib/experiments/world_judge.ts";
export {
  trainWorldModels,
  type WorldModel,
  type WorldModelsOptions,
} from "./lib/experiments/world_models.ts";
export { type Profile } from "./lib/experiments/profile.ts";
export { type Json, type Stage, type StageContext } from "./lib/stages/stage.ts";

// Graphs and gradients
export { gradients, stopGradient } from "./lib/graph/gradient.ts";
export { type Dim, type Shape } from "./lib/graph/dim.ts";
export * as ops from "./lib/graph/ops/functions.ts";
export { compile, type Program } from "./lib/graph/program.ts";
export {
  constant,
  type DType,
  type FloatType,
  input,
  scalar,
  type Tensor,
  type TensorType,
} from "./lib/graph/tensor.ts";
export { Session, type SessionOptions } from "./lib/runtime/session.ts";
export { floats, integers, type Value } from "./lib/runtime/value.ts";

// Weights
export { quantizeModel } from "./lib/decode/quantize_model.ts";
export { type Quantization } from "./lib/weights/quantization.ts";
export { importCheckpoint, type ImportOptions } from "./lib/reward/import_checkpoint.ts";
export { fetchDataset, fetchModel, type FetchOptions, type HubOptions } from "./lib/weights/hub.ts";
export { openStateDict, type StateDictFile } from "./lib/weights/pytorch/state_dict.ts";
export {
  openSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
} from "./lib/weights/safetensors.ts";
export { type CheckpointKind } from "./lib/nn/checkpoint_names.ts";
export { type WeightsFile } from "./lib/weights/weights_file.ts";
export { type TensorData, type TensorEntry } from "./lib/weights/safetensors_header.ts";
