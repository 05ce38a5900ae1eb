import { type ArmHead, armHeadShapes } from "./arm_head.ts";
import { gediHeadShapes } from "./gedi_head.ts";
import { parseBackbone } from "../models/architectures.ts";
import { type Backbone, trunkShapes } from "../models/backbone.ts";
import type { ParameterShapes } from "../models/parameters.ts";
import type { Method } from "./method.ts";
import { definedKinds, methodOf } from "./methods.ts";
import { type RadHead, radHeadShapes } from "./rad_head.ts";
import type { RewardHead } from "./reward_head.ts";

/** A language model. */
export interface LanguageModelSpec {
  readonly kind: "lm";
  readonly backbone: Backbone;
  /** Whether it was trained to read BOS before a text; Hugging Face's GPT-2 was not. */
  readonly bos: boolean;
}

/** An autoregressive reward model: a backbone with a head of one (w, W) a label. */
export interface ArmSpec {
  readonly kind: "arm";
  readonly backbone: Backbone;
  /** Names of the labels that it rates. */
  readonly labels: readonly string[];
  /** Whether it has a baseline of the prefix. */
  readonly baseline: boolean;
  /** Whether its output embeddings are other than the base's: trained with the rest. Default false. */
  readonly trainedEmbeddings?: boolean;
}

/** A backbone that rates a text at its last token: RAD's value is a reward, FUDGE's the log-odds of the label. */
export interface RadSpec {
  readonly kind: "rad" | "fudge";
  readonly backbone: Backbone;
  /** Names of the labels that it rates. */
  readonly labels: readonly string[];
  /** Whether its output embeddings are other than the base's: trained with the rest. Default false. */
  readonly trainedEmbeddings?: boolean;
}

/** A class-conditional language model: its class is the control code that is read before a text. */
export interface GediSpec {
  readonly kind: "gedi";
  readonly backbone: Backbone;
  /** The name of its one label. */
  readonly labels: readonly string[];
  /** The tokens that stand for the desired and the undesired class. */
  readonly codes: readonly [desired: number, undesired: number];
}

/** A backbone with the head of a method of `defineMethod`. */
export interface DefinedSpec {
  readonly kind: "defined";
  readonly method: Method;
  readonly backbone: Backbone;
  /** Names of the labels that it rates. */
  readonly labels: readonly string[];
}

/** Two language models, in folders of their own: one of texts with the label, one of texts without it. */
export interface DexpertsSpec {
  readonly kind: "dexperts";
  /** The name of its one label. */
  readonly labels: readonly string[];
  /** Folders of the two models, relative to the one that names them. */
  readonly expert: string;
  readonly antiexpert: string;
}

/** A model whose weights are those of one backbone and a head. */
export type BackboneSpec = LanguageModelSpec | ArmSpec | RadSpec | GediSpec | DefinedSpec;

/** What a model folder holds, without the weights. */
export type ModelSpec = BackboneSpec | DexpertsSpec;

export type ModelKind = ModelSpec["kind"];

/** The key of config.json under which Armature keeps what Hugging Face has no name for. */
const ownKey = "armature";

/** How each kind is read from its entry in config.json. A new kind is one line here. */
const parsers: { readonly [kind in Exclude<ModelKind, "defined">]: (entry: Entry) => ModelSpec } = {
  lm: (entry) => ({ kind: "lm", backbone: entry.backbone(), bos: entry.flag("bos") }),
  arm: (entry) => ({
    kind: "arm",
    backbone: entry.backbone(),
    labels: entry.labels(),
    baseline: entry.flag("baseline"),
    ...entry.trainedEmbeddings(),
  }),
  rad: (entry) => prefixSpec("rad", entry),
  fudge: (entry) => prefixSpec("fudge", entry),
  gedi: (entry) => {
    const backbone = entry.backbone();
    return { kind: "gedi", backbone, labels: entry.oneLabel(), codes: entry.codes(backbone) };
  },
  dexperts: (entry) => ({
    kind: "dexperts",
    labels: entry.oneLabel(),
    expert: entry.folder("expert"),
    antiexpert: entry.folder("antiexpert"),
  }),
};

function prefixSpec(kind: "rad" | "fudge", entry: Entry): RadSpec {
  const labels = entry.labels();
  return { kind, backbone: entry.backbone(), labels, ...entry.trainedEmbeddings() };
}

/**
 * Reads a model's `config.json`. One without Armature's own entry is a plain language model.
 *
 * @param where named in errors.
 * @throws {TypeError | RangeError} if it is not a supported model.
 */
export function parseModelSpec(json: unknown, where: string): ModelSpec {
  const own = (json as Record<string, unknown> | null)?.[ownKey];
  if (own === undefined) return { kind: "lm", backbone: parseBackbone(json, where), bos: false };
  const { kind } = (own ?? {}) as { kind?: unknown };
  const entry = new Entry(json, own as Record<string, unknown>, where);
  if (typeof kind === "string") {
    const method = methodOf(kind);
    if (method) {
      return { kind: "defined", method, backbone: entry.backbone(), labels: entry.labels() };
    }
    if (Object.hasOwn(parsers, kind)) return parsers[kind as keyof typeof parsers](entry);
  }
  const kinds = [...Object.keys(parsers), ...definedKinds()].map((known) => `"${known}"`);
  const hint = typeof kind === "string"
    ? "; a method of your own is defined first, with defineMethod"
    : "";
  throw new TypeError(
    `${where} says ${ownKey}.kind: ${JSON.stringify(kind)}; ` +
      `it must be ${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}${hint}.`,
  );
}

/** Armature's entry in a config.json, and how its settings are read. */
class Entry {
  readonly #json: unknown;
  readonly #own: Record<string, unknown>;
  readonly #where: string;

  constructor(json: unknown, own: Record<string, unknown>, where: string) {
    this.#json = json;
    this.#own = own;
    this.#where = where;
  }

  backbone(): Backbone {
    return parseBackbone(this.#json, this.#where);
  }

  flag(name: string): boolean {
    return this.#own[name] === true;
  }

  trainedEmbeddings(): { trainedEmbeddings?: true } {
    return this.flag("trainedEmbeddings") ? { trainedEmbeddings: true } : {};
  }

  labels(): readonly string[] {
    const { labels } = this.#own;
    const named = Array.isArray(labels) && labels.every((label) => typeof label === "string");
    if (!named || labels.length === 0) {
      throw new TypeError(
        `${this.#where} must list the names of the model's labels in ${ownKey}.labels.`,
      );
    }
    return labels;
  }

  oneLabel(): readonly string[] {
    const labels = this.labels();
    if (labels.length !== 1) {
      throw new TypeError(
        `${this.#where} names ${labels.length} labels in ${ownKey}.labels; this kind of model has one.`,
      );
    }
    return labels;
  }

  codes({ vocabulary }: Backbone): readonly [number, number] {
    const { codes } = this.#own;
    const isToken = (code: unknown) =>
      Number.isInteger(code) && code as number >= 0 && code as number < vocabulary;
    const fits = Array.isArray(codes) && codes.length === 2 && codes.every(isToken);
    if (!fits || codes[0] === codes[1]) {
      throw new TypeError(
        `${this.#where} must name two different tokens below ${vocabulary} in ${ownKey}.codes.`,
      );
    }
    return [codes[0], codes[1]];
  }

  folder(name: string): string {
    const folder = this.#own[name];
    if (typeof folder !== "string" || folder === "") {
      throw new TypeError(
        `${this.#where} must name the folder of a language model in ${ownKey}.${name}.`,
      );
    }
    return folder;
  }
}

/** The `config.json` of a model. */
export function modelSpecJson(spec: ModelSpec): Record<string, unknown> {
  if (spec.kind === "dexperts") return { [ownKey]: spec };
  const { backbone, ...rest } = spec;
  const own = rest.kind === "defined" ? { kind: rest.method.kind, labels: rest.labels } : rest;
  const { languageModel, backbone: headless } = backbone.classes;
  // a head that Hugging Face does not know must not load as a language model's
  const architectures = [spec.kind === "lm" ? languageModel : headless];
  return { ...backbone.json(), architectures, [ownKey]: own };
}

/** The ARM head that a spec describes. */
export function armHeadOf({ backbone, labels, baseline }: Omit<ArmSpec, "kind">): ArmHead {
  return { labels: labels.length, width: backbone.width, baseline };
}

/** The head of RAD or FUDGE that a spec describes. */
export function radHeadOf({ backbone, labels }: Omit<RadSpec, "kind">): RadHead {
  return { labels: labels.length, width: backbone.width };
}

/** The head of a method of `defineMethod`. @throws {TypeError} if a parameter is called as one of the backbone's. */
export function definedHeadOf({ method, backbone, labels }: Omit<DefinedSpec, "kind">): RewardHead {
  const head = method.head({ labels: labels.length, width: backbone.width });
  const clash = [...head.shapes.keys()].find((name) => backbone.shapes.has(name));
  if (clash === undefined) return head;
  throw new TypeError(
    `The head of '${method.kind}' calls a parameter ${clash}, as the backbone does: choose another name.`,
  );
}

/** What messages call a model's kind: of a method of one's own its own. */
export function kindNameOf(spec: ModelSpec): string {
  return spec.kind === "defined" ? spec.method.kind : spec.kind;
}

/** Name → shape of all parameters of the model, backbone and head. */
export function shapesOf(spec: BackboneSpec): ParameterShapes {
  return new Map([...backboneShapesOf(spec), ...headShapesOf(spec)]);
}

/** Those of them that are the backbone's. */
export function backboneShapesOf({ kind, backbone }: BackboneSpec): ParameterShapes {
  return kind === "rad" || kind === "fudge" ? trunkShapes(backbone) : backbone.shapes;
}

/** Those of them that are the head's. */
export function headShapesOf(spec: BackboneSpec): ParameterShapes {
  switch (spec.kind) {
    case "lm":
      return new Map();
    case "arm":
      return armHeadShapes(armHeadOf(spec));
    case "rad":
    case "fudge":
      return radHeadShapes(radHeadOf(spec));
    case "gedi":
      return gediHeadShapes;
    case "defined":
      return definedHeadOf(spec).shapes;
  }
}
