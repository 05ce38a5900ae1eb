/**
 * The types that the public functions take and return, in the sections of `mod.ts`, which has the chief ones.
 */

// Devices
export type { Copies, Crossed } from "./runtime/copies.ts";
export type { DeviceChoice, Precision } from "./runtime/device.ts";
export type { DeviceName } from "./runtime/device_name.ts";

// Models to steer, and what steers them
export type { BaseReading, Candidates, StartOptions } from "./bases/base_model.ts";
export type { CompletionsBaseOptions, PromptForm } from "./bases/completions_base.ts";
export type { OpenBaseOptions, OpenedBase } from "./bases/open_base.ts";
export type {
  Dtype,
  TransformersBase,
  TransformersBaseOptions,
} from "./bases/transformers_base.ts";
export type { OpenRewardModelOptions } from "./methods/open_reward_model.ts";
export type { RadOptions } from "./methods/rad.ts";
export type { RuleName } from "./methods/rules.ts";
export type { TextRating } from "./methods/text_rating.ts";

// Formulas of language models
export type { OpenFormulaOptions } from "./bases/open_formula.ts";
export type { Expression, NamedModel, Weighted } from "./methods/arithmetic/formula.ts";

// Guided decoding
export type { ClassFilter } from "./decode/guidance.ts";
export type {
  GenerateOptions,
  GenerateTextsOptions,
  StreamTextsOptions,
} from "./decode/generate_options.ts";
export type { TextPrompt } from "./decode/text_prompts.ts";
export type { ChatMessage } from "./chat/chat_message.ts";

export type { LogProbabilities } from "./decode/log_probabilities.ts";
export type { GeneratedTexts } from "./decode/text_generation.ts";
export type { CandidateTrace } from "./decode/token_trace.ts";
export type { Choices, GuidedCandidates, Step } from "./decode/step.ts";

// Whole texts
export type { DrawTextsOptions } from "./whole_texts/draw_texts_options.ts";

// Exploring
export type { ServedExplorer } from "./explore/serve_explorer.ts";
export type { ExplorerGuide, ServeExplorerOptions } from "./explore/serve_explorer_options.ts";

// Serving
export type { ServedGuide, ServeModelOptions } from "./serve/serve_model_options.ts";

// Training
export type { LanguageModelOptions } from "./train/language_model_options.ts";
export type { LabelOptions } from "./train/label_options.ts";
export type { PolicyOptions } from "./tuning/policy_options.ts";
export type { Rater } from "./eval/text_reward.ts";
export type { RewardKind, RewardModelOptions } from "./methods/reward_model_options.ts";
export type { RunOptions } from "./train/training_options.ts";
export type { FitOptions } from "./train/fit_options.ts";
export type { Duration } from "./train/checkpoint_times.ts";
export type { MetricsRow } from "./train/metrics_row.ts";
export type { AdamWOptions } from "./train/adamw_options.ts";
export type { Schedule, ScheduleName } from "./train/schedule.ts";
export type { LossPoint } from "./train/loss_curve.ts";
export type { Losses } from "./train/trainer.ts";

// Data
export type { CorpusFormat, CorpusSplit, CorpusText } from "./data/corpora/corpus.ts";
export type {
  CorpusBatchesOptions,
  ReadCorpusOptions,
  StreamCorpusOptions,
} from "./data/corpora/read_corpus.ts";
export type { LabelledTextsOptions } from "./data/labelled_texts.ts";
export type { PreferencePairsOptions } from "./data/preference_pairs.ts";
export type {
  PaperCalls,
  PaperSentiment,
  PaperSettings,
  PaperSystem,
  PaperToxicity,
  PaperTrainingStage,
  PublishedSentiment,
  PublishedToxicity,
} from "./data/paper_numbers.ts";
export type { PromptsOptions } from "./data/prompts.ts";
export type { TextsOptions } from "./data/texts.ts";
export type { WorldScore, WorldScoreOptions, WorldText } from "./data/world/world.ts";
export type { WorldCorpus, WorldCorpusOptions } from "./data/world/sample_world_corpus.ts";
export type { WorldPromptsOptions } from "./data/world/world_prompts.ts";
export type { TokenizedText, TokenizedTexts } from "./data/tokenized_texts.ts";
export type { StreamedRow } from "./data/row_stream.ts";

// Evaluation
export type { BootstrapOptions } from "./eval/bootstrap.ts";
export type { CachedScorerOptions } from "./eval/cached_scorer.ts";
export type { ControlAreaOptions, MeasuredPoint } from "./eval/control_area.ts";
export type { ControlledTexts } from "./eval/optimum.ts";
export type { OptimumFrontierOptions, OptimumGapOptions } from "./eval/optimum_options.ts";
export type { JudgedPair, JudgedText } from "./eval/cooperative_weights.ts";
export type { Distinctness } from "./eval/distinctness.ts";
export type { ScorerModelOptions } from "./eval/scorer_model.ts";
export type { Continuation, LikelihoodJudge } from "./eval/likelihood.ts";
export type { MeanPerplexityOptions } from "./eval/perplexity.ts";
export type { PromptMeans, PromptMeansOptions } from "./eval/prompt_means.ts";
export type { CachedScores } from "./eval/score_cache.ts";
export type { ScoredGeneration, Scores } from "./eval/score_file.ts";
export type { ScoreTableEntry, ScoreTableOptions, ScoreTableRow } from "./eval/score_table.ts";
export type { ScorerOptions } from "./eval/scorers/mod.ts";
export type { Reads, ScoredText, ScoreOptions, ScorerIdentity } from "./eval/scorers/scorer.ts";
export type { TextClassifierOptions } from "./eval/text_classifier.ts";
export type { ToxicRateOptions } from "./eval/toxicity.ts";
export type { PerspectiveOptions } from "./eval/scorers/perspective.ts";

// Embeddings
export type { EmbedTextsOptions } from "./encoders/embed_texts.ts";
export type { EmbeddedText, EmbedOptions } from "./encoders/sentence_encoder.ts";
export type { EmbeddingClassifierOptions } from "./eval/embedding_classifier.ts";

// Charts
export type { ChartRows } from "./charts/chart_rows.ts";
export type { FrontierRow, OptimumChartOptions, OptimumRow } from "./charts/optimum.ts";
export type { LearningCurveChartOptions, LearningCurveRow } from "./charts/learning_curve.ts";
export type {
  RewardDistributionChartOptions,
  RewardDistributionRow,
} from "./charts/reward_distribution.ts";
export type { SingularValueRow, SingularValuesChartOptions } from "./charts/singular_values.ts";
export type {
  TimePerTokenChartOptions,
  TimePerTokenRow,
  UnguidedRow,
} from "./charts/time_per_token.ts";
export type { TradeOffChartOptions, TradeOffRow } from "./charts/trade_off.ts";
export type { TradeOffPanel, TradeOffPanelsOptions } from "./charts/trade_off_panels.ts";
export type { ChartFiles } from "./charts/write_chart.ts";
export type { PngOptions } from "./svg_png.ts";

// Experiments
export type { ExperimentName, ExperimentPlan } from "./experiments/experiments.ts";
export type { ProfileName, ProfileOptions } from "./experiments/profile_options.ts";
export type { OutcomeSource } from "./experiments/write_outcome.ts";
export type { PlannedStage, StageRecord } from "./stages/stage_store.ts";
export type { PromptMeasurement, SweepOptions } from "./experiments/sweep_options.ts";
export type { SweepArea } from "./experiments/sweep_areas.ts";
export type { SweepRows } from "./experiments/sweep_look.ts";
export type { SweepAreasOptions } from "./experiments/sweep_areas_options.ts";
export type { WorldModel, WorldModelsOptions } from "./experiments/world_models_options.ts";
export type { Json, StageContext } from "./stages/stage.ts";
export type {
  EfficiencyMeasurement,
  MeasuredModel,
  MeasuredShapes,
} from "./experiments/efficiency.ts";
export type { EfficiencyOptions } from "./experiments/efficiency_options.ts";
export type {
  EfficiencyScale,
  EfficiencySystem,
  RatedTokens,
} from "./experiments/efficiency_scales.ts";
export type { EfficiencyTableRow } from "./experiments/efficiency_report.ts";
export type { PretrainedDemoResult, SteeredTexts } from "./experiments/pretrained_demo.ts";
export type { PretrainedDemoOptions } from "./experiments/pretrained_demo_options.ts";
export type {
  Attribute,
  PretrainedModelsOptions,
} from "./experiments/pretrained_models_options.ts";
export type { WorldDemoResult } from "./experiments/world_demo.ts";
export type { WorldDemoOptions } from "./experiments/world_demo_options.ts";
export type { WorldJudgeOptions } from "./experiments/world_judge_options.ts";

// Methods of one's own
export type {
  AnySettings,
  HeadedMethod,
  HeadedModel,
  HeadOnBackbone,
  LearnsFrom,
  MethodFacts,
  MethodTraining,
  Over,
} from "./methods/method.ts";
export type {
  RatedTexts,
  RewardLoss,
  RewardObjectiveOptions,
  TeacherRewards,
} from "./methods/next_token_objective.ts";
export type { TrainMethodOptions } from "./methods/train_method.ts";

// The paper's equations
export type { GuidedDistributionOptions } from "./decode/guided_distribution.ts";
export type { ArmHeadOptions } from "./methods/arm.ts";
export type { Head, HeadSizes } from "./methods/reward_head.ts";
export type { LabelReduction } from "./loss/labels.ts";
export type { RegularizedPlaces } from "./loss/regularizer.ts";
export type { BatchShape } from "./loss/weights.ts";

// Backbones
export type { Architecture, HiddenInputs } from "./models/architecture.ts";
export type { MovedBase } from "./methods/moved_base.ts";
export type { SharedTrunk } from "./methods/reward_model.ts";
export type { TrunkIdentity } from "./weights/trunk.ts";
export type {
  Attend,
  BlockAttention,
  Fill,
  LayerCache,
  Matrix,
  ModelConfig,
  ThroughBlocks,
} from "./models/backbone.ts";
export type { ConfigJson } from "./models/config_json.ts";
export type { ForwardInputs, ForwardOutputs } from "./models/forward.ts";
export type { ParameterShapes } from "./models/parameters.ts";
export type { InitialModel } from "./train/initial_model.ts";

// Steps of training
export type { Example, Part } from "./train/objective.ts";
export type { TrainerOptions } from "./train/trainer.ts";

// Graphs and gradients
export type { Dim, Shape } from "./graph/dim.ts";
export type { DType, FloatType, TensorType } from "./graph/tensor.ts";
export type { SessionOptions } from "./runtime/session.ts";
export type { DeviceModel } from "./graph/program.ts";
export type { HalfBy } from "./graph/half.ts";

// Weights
export type { Quantization } from "./weights/quantization.ts";
export type { ImportOptions } from "./methods/import_checkpoint.ts";
export type { PackageOptions } from "./weights/pypi/package_options.ts";
export type { ImportGgufOptions } from "./weights/gguf/import_gguf.ts";
export type { FetchOptions, HubOptions } from "./weights/hub.ts";
export type { StateDictFile } from "./weights/pytorch/state_dict.ts";
export type { SafetensorsFile, SafetensorsTensor } from "./weights/safetensors.ts";
export type { CheckpointKind } from "./methods/checkpoint_names.ts";
export type { WeightsFile } from "./weights/weights_file.ts";
export type { TensorData, TensorEntry } from "./weights/safetensors_header.ts";
