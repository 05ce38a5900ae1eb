import type { Assembly } from "../inference/model_parts.ts";
import { parseBackbone } from "../models/architectures.ts";
import { type Backbone, hiddenStateShapes } from "../models/backbone.ts";
import {
  kindIn,
  languageModelJson,
  type LanguageModelSpec,
  ownEntry,
  ownKey,
  parseLanguageModel,
} from "../models/language_model_spec.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import { trunkIn, type TrunkReference } from "../weights/trunk.ts";
import { settleAny } from "../options/settle.ts";
import {
  type AnyMethod,
  type AnySettings,
  type HeadedMethod,
  type HeadedModel,
  isEnsemble,
} from "./method.ts";
import { methodOf, methods } from "./mod.ts";
import type { Head } from "./reward_head.ts";
import { pairedRatingOf, textRatingOf } from "./text_rating.ts";

/** What a reward model's folder says of it, with the settings of its method by their names. */
export interface RewardModelSpec {
  readonly kind: string;
  /** Names of the labels that it rates. */
  readonly labels: readonly string[];
  /** Absent where it is several language models in folders of their own. */
  readonly backbone?: Backbone;
  /** What it shares with the base model that it was trained on; its folder has the rest. Default: nothing. */
  readonly trunk?: TrunkReference;
  /** Whether it reads BOS before a text that is not empty. Default: as its kind does. */
  readonly bos?: false;
  /** Whether its output embeddings are other than the base's: trained with the rest. Default false. */
  readonly trainedEmbeddings?: boolean;
  /** Whether its rewards were learnt from pairs, so that they have neither zero nor scale and are added as they are. Default false. */
  readonly fromPairs?: boolean;
  readonly [setting: string]: unknown;
}

/** A reward model whose weights are those of one backbone and a head. */
export interface HeadedSpec extends RewardModelSpec {
  readonly backbone: Backbone;
}

/** A model whose weights are in one folder. */
export type BackboneSpec = LanguageModelSpec | HeadedSpec;

/** What a model folder holds, without the weights. */
export type ModelSpec = LanguageModelSpec | RewardModelSpec;

/** Whether a folder holds a plain language model. */
export function isLanguageModel(spec: ModelSpec): spec is LanguageModelSpec {
  return spec.kind === "lm";
}

/** The folders of the models of one that is several, relative to its own. */
export function modelFolders({ kind, ...settings }: RewardModelSpec): readonly string[] {
  const method = methodOf(kind);
  return method && isEnsemble(method) ? method.folders(settings) : [];
}

/** Whether a reward model is one of a backbone and a head. */
export function isHeaded(spec: RewardModelSpec): spec is HeadedSpec {
  return spec.backbone !== undefined;
}

/**
 * Reads a model's `config.json`. One without Armature's own entry is a plain language model.
 *
 * @param where named in errors.
 * @throws {TypeError | RangeError} if it is not a supported model.
 */
export function parseModelSpec(json: unknown, where: string): ModelSpec {
  const kind = kindIn(json);
  if (kind === "lm") return parseLanguageModel(json, where, String);
  const entry = ownEntry(json)!;
  const method = methodOf(kind) ?? unknownKind(kind, where);
  const labels = labelsIn(entry, method, where);
  const settings = settingsIn(entry, method, where);
  if (isEnsemble(method)) {
    const unnamed = Object.keys(settings).find((name) => settings[name] === "");
    if (unnamed === undefined) return { kind: method.kind, labels, ...settings };
    throw new TypeError(
      `${where} must name the folder of a language model in ${ownKey}.${unnamed}.`,
    );
  }
  const backbone = parseBackbone(json, where);
  const problem = method.problem?.(settings, backbone);
  if (problem !== undefined) throw new TypeError(`${where} ${problem}.`);
  const trunk = trunkIn(json, where);
  if (trunk && trunk.blocks > backbone.blocks.length) {
    throw new RangeError(
      `${where} says that ${trunk.blocks} blocks are shared, of ${backbone.blocks.length}.`,
    );
  }
  return {
    kind: method.kind,
    backbone,
    labels,
    ...settings,
    ...(trunk ? { trunk } : {}),
    ...(entry.bos === false ? { bos: false } : {}),
    ...(entry.trainedEmbeddings === true ? { trainedEmbeddings: true } : {}),
    ...(entry.fromPairs === true ? { fromPairs: true } : {}),
  };
}

function unknownKind(kind: unknown, where: string): never {
  const kinds = ["lm", ...methods().map((method) => method.kind)].map((known) => `"${known}"`);
  const hint = typeof kind === "string"
    ? "; a method of your own is defined first, with defineMethod"
    : "";
  throw new TypeError(
    `${where} says ${ownKey}.kind: ${JSON.stringify(kind)}; ` +
      `it must be ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}${hint}.`,
  );
}

function labelsIn(
  { labels }: AnySettings,
  { learnsFrom }: AnyMethod,
  where: string,
): readonly string[] {
  const named = Array.isArray(labels) && labels.every((label) => typeof label === "string");
  if (!named || labels.length === 0) {
    throw new TypeError(
      `${where} must list the names of the model's labels in ${ownKey}.labels.`,
    );
  }
  if (learnsFrom === "two classes" && labels.length !== 1) {
    throw new TypeError(
      `${where} names ${labels.length} labels in ${ownKey}.labels; this kind of model has one.`,
    );
  }
  return labels;
}

function settingsIn(
  entry: AnySettings,
  { settings = {} }: AnyMethod,
  where: string,
): AnySettings {
  const given = Object.entries(entry).filter(([name]) => Object.hasOwn(settings, name));
  return settleAny(`${where} (${ownKey})`, settings, Object.fromEntries(given));
}

/** The `config.json` of a model. */
export function modelSpecJson(spec: ModelSpec): Record<string, unknown> {
  if (isLanguageModel(spec)) return languageModelJson(spec);
  const { backbone, ...own } = spec;
  if (backbone === undefined) return { [ownKey]: own };
  // a head that Hugging Face does not know must not load as a language model's
  return { ...backbone.json(), architectures: [backbone.classes.backbone], [ownKey]: own };
}

/** The method of a headed model. */
export function headedMethodOf({ kind }: HeadedSpec): HeadedMethod {
  return methodOf(kind) as HeadedMethod;
}

/** A model with its head. @throws {TypeError} if a parameter of the head is called as one of the backbone's. */
export function headedModel(spec: HeadedSpec): HeadedModel<AnySettings, Head> {
  const { kind, backbone, labels, bos = true, fromPairs } = spec;
  const method = headedMethodOf(spec);
  const settings = settingsIn(spec, method, `A model of kind ${kind}`);
  const head = method.head({ labels: labels.length, width: backbone.width }, settings);
  const clash = [...head.shapes.keys()].find((name) => backboneShapesOf(spec).has(name));
  if (clash === undefined) {
    const [rule, textRating] = fromPairs
      ? ["difference", pairedRatingOf(method)] as const
      : [method.rule, textRatingOf(method)] as const;
    return { kind, rule, textRating, backbone, labels, settings, head, bos };
  }
  throw new TypeError(
    `The head of '${kind}' calls a parameter ${clash}, as the backbone does: choose another name.`,
  );
}

/** Name → shape of all parameters of the model, backbone and head. */
export function shapesOf(spec: BackboneSpec): ParameterShapes {
  if (isLanguageModel(spec)) return spec.backbone.shapes;
  return new Map([...backboneShapesOf(spec), ...headedModel(spec).head.shapes]);
}

/** Those of them that are the backbone's. */
export function backboneShapesOf(spec: HeadedSpec): ParameterShapes {
  const { backbone = "whole" } = headedMethodOf(spec);
  return backbone === "hiddenStates" ? hiddenStateShapes(spec.backbone) : spec.backbone.shapes;
}

/** A headed model by its parts. */
export function assemblyOf(spec: HeadedSpec): Assembly {
  const { backbone, trainedEmbeddings } = spec;
  const { head } = headedModel(spec);
  const trains = trainedEmbeddings || headedMethodOf(spec).trainsEmbeddings;
  return {
    backbone,
    shapes: shapesOf(spec),
    headPartOf: head.partOf ?? ((name) => name),
    frozen: new Set(trains ? [] : [backbone.outputEmbedding]),
  };
}
