import type { LabelledTexts } from "../data/labelled_texts.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { RaterPart } from "../inference/part.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Kind, OptionTable, SettledOptions } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import type { FitResult } from "../train/fit_result.ts";
import type { Objective } from "../train/objective.ts";
import type { RunOptions } from "../train/training_options.ts";
import type { TrunkIdentity } from "../weights/trunk.ts";
import type { TeacherRewards } from "./next_token_objective.ts";
import type { Head, HeadSizes, RewardHead } from "./reward_head.ts";
import type { RewardModel } from "./reward_model.ts";
import type { RuleName } from "./rules.ts";
import type { TextRating } from "./text_rating.ts";

/** A table with another over it: of a name that both have, the other's option holds. */
export type Over<Table, Other> = Omit<Table, keyof Other> & Other;

/**
 * What a method learns from: labels of texts, a teacher's rewards, preference pairs, whichever of these are named; or texts with
 * one label and texts without it.
 */
export type LearnsFrom =
  | "labels"
  | "labels or a teacher"
  | "labels or pairs"
  | "labels, pairs or a teacher"
  | "pairs"
  | "two classes";

/** What every method says of itself. */
export interface MethodFacts<Settings extends OptionTable, Training extends OptionTable> {
  /** What config.json, API and flags call it, such as `"low-rank-arm"`. */
  readonly kind: string;
  /** What people call it. */
  readonly title: string;
  /** The same, short. Default: the title. */
  readonly name?: string;
  /** What it does to the next token's logits z, in one line of plain text. The library's own all have one. */
  readonly formula?: string;
  /** Who published it: authors, title, year. The library's own all have one. */
  readonly source?: string;
  /** What a score adds to a logit. */
  readonly rule: RuleName;
  /**
   * What the score of a text's last token says of the whole text, so that it can be the reward of whole texts. Default: what the
   * rule says; of a difference, nothing.
   */
  readonly textRating?: TextRating;
  /** What a model of it is, beside backbone and labels: kept in config.json, and set when it is trained. */
  readonly settings?: Settings;
  /** What only its training takes. */
  readonly training?: Training;
  /** Default: labels or a teacher. */
  readonly learnsFrom?: LearnsFrom;
  /** Tokens that go through its backbones for one step of one text that rates k candidates. Default: 1. */
  readonly backboneCalls?: (k: number) => number;
}

/** What a method's training is told. */
export interface MethodTraining {
  /** Labels that are learnt. */
  readonly labels: number;
  /** A teacher's rewards of all places, where the model is distilled from one. */
  readonly teacher?: TeacherRewards;
  /** Whether it learns from preference pairs. */
  readonly pairs?: true;
}

/** A model of a method: a head on a backbone. */
export interface HeadedModel<Settings, H extends Head> {
  readonly kind: string;
  readonly rule: RuleName;
  readonly textRating: TextRating;
  readonly backbone: Backbone;
  /** Names of the labels that it rates. */
  readonly labels: readonly string[];
  readonly settings: Settings;
  readonly head: H;
  /** Whether BOS is read before a text that is not empty, where the method reads it at all. */
  readonly bos: boolean;
  /** What tells its backbone from others; absent where it is in no folder. */
  readonly backboneIdentity?: () => Promise<TrunkIdentity | undefined>;
}

/**
 * What a head on a backbone does.
 *
 * @typeParam Settings what a model of it is.
 * @typeParam Options what it is trained with: of a name that both have, what the user gives.
 * @typeParam Trained the same with the model's.
 */
export interface HeadOnBackbone<Settings, Options, Trained, H extends Head> {
  /** Which part of the backbone it has: all, or what gives hidden states, without an output embedding of its own. Default: all. */
  readonly backbone?: "whole" | "hiddenStates";
  /** Whether its output embeddings train with all the rest. Default: they stay as they are, since rewards are products with them. */
  readonly trainsEmbeddings?: true;
  /** Whether nothing but the head trains, so that there is nothing for LoRA to adapt. Default: the backbone trains, too. */
  readonly trainsHeadAlone?: true;
  /** Its head. */
  head(sizes: HeadSizes, settings: Settings): H;
  /** What is wrong with settings on this backbone, as an end of "config.json …". Default: nothing. */
  problem?(settings: Settings, backbone: Backbone): string | undefined;
  /** The settings of a model that is to be trained. Default: those of the options that have the same names. */
  planned?(options: Options, tokenizer: Tokenizer): Settings;
  /** What it is trained to do; {@linkcode rewardObjective} makes the usual one with any loss. */
  objective(backbone: Backbone, head: H, training: MethodTraining, settings: Trained): Objective;
  /** Its step, as part of a graph. Default: one call of the backbone, whose hidden state the head rates tokens from. */
  part?(model: HeadedModel<Settings, H>, parameters: Parameters): RaterPart;
  /** The longest text that it rates, in tokens. Default: the backbone's context. */
  longestText?(backbone: Backbone): number;
  /** How it follows texts where its step is no part of a graph. Default: as the part does. */
  open?(
    model: HeadedModel<Settings, H>,
    parameters: Parameters,
    device: Device,
    options: AnySettings,
  ): RewardModel;
}

/**
 * A method that steers: a head on a backbone, what it is trained to do, how it rates tokens while a text is written, and
 * what its scores mean. All that the library knows of it is here.
 */
export interface Method<
  Settings extends OptionTable = Record<never, never>,
  Training extends OptionTable = Record<never, never>,
  H extends Head = RewardHead,
> extends
  MethodFacts<Settings, Training>,
  HeadOnBackbone<
    SettledOptions<Settings>,
    SettledOptions<Over<Settings, Training>>,
    SettledOptions<Over<Training, Settings>>,
    H
  > {}

/** Settings by their names, checked by a method's table. */
export type AnySettings = Readonly<Record<string, unknown>>;

/** A method of a head on a backbone, whatever its settings are. */
export interface HeadedMethod
  extends
    MethodFacts<OptionTable, OptionTable>,
    HeadOnBackbone<AnySettings, AnySettings, AnySettings, Head> {}

/** A method whose models are several language models, in folders of their own. */
export interface EnsembleMethod<Settings = AnySettings>
  extends MethodFacts<OptionTable, OptionTable> {
  /** The folders of its models, relative to the one that names them. */
  folders(settings: Settings): readonly string[];
  train(
    data: LabelledTexts,
    device: Device,
    options: RunOptions & { readonly base: string },
  ): Promise<FitResult>;
  open(
    labels: readonly string[],
    settings: Settings,
    folder: string,
    device: Device,
  ): Promise<RewardModel>;
}

/** A method of either sort. */
export type AnyMethod = HeadedMethod | EnsembleMethod;

/** Whether its models are several language models. */
export function isEnsemble(method: AnyMethod): method is EnsembleMethod {
  return "folders" in method;
}

/** What a method learns from. */
export function learnsFromOf({ learnsFrom = "labels or a teacher" }: AnyMethod): LearnsFrom {
  return learnsFrom;
}

/** Whether a method can learn from preference pairs. */
export function takesPairs(method: AnyMethod): boolean {
  return learnsFromOf(method).includes("pairs");
}

/** The tokens of one text that go through a method's backbones for a step, in words: a number, or `k`. */
export function tokensAStep({ backboneCalls = () => 1 }: Pick<AnyMethod, "backboneCalls">): string {
  return backboneCalls(2) === backboneCalls(1) ? String(backboneCalls(1)) : "k";
}

/** A method as an argument, for `checkArgument`. */
export const methodKind = {
  type: "value",
  is: (value: unknown): value is HeadedMethod =>
    typeof value === "object" && value !== null && "kind" in value && "objective" in value,
  what: "a method: { kind, title, rule, head, objective }",
} as const satisfies Kind;
