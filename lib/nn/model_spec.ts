import { type ArmHead, armHeadShapes } from "./arm_head.ts";
import { gpt2Shapes } from "./gpt2.ts";
import { type Gpt2Config, gpt2ConfigJson, parseGpt2Config } from "./gpt2_config.ts";
import type { ParameterShapes } from "./parameters.ts";
import { type RadHead, radHeadShapes } from "./rad_head.ts";

/** What a model folder holds: a base language model, or a reward model on the same backbone. */
export type ModelKind = "lm" | "arm" | "rad";

/** A model without its weights. */
export interface ModelSpec {
  readonly kind: ModelKind;
  readonly config: Gpt2Config;
  /** Names of the labels that a reward model rates; empty for language models. */
  readonly labels: readonly string[];
  /** Whether an ARM has a baseline of the prefix. */
  readonly baseline: boolean;
  /** Whether a language model was trained to read BOS before a text; Hugging Face's GPT-2 was not. */
  readonly bos: boolean;
}

/** The key of config.json under which Armature keeps what Hugging Face has no name for. */
const ownKey = "armature";

/**
 * Reads a model's `config.json`. One without Armature's own entry is a plain GPT-2 language model.
 *
 * @param where named in errors.
 * @throws {TypeError | RangeError} if it is not a supported model.
 */
export function parseModelSpec(json: unknown, where: string): ModelSpec {
  const config = parseGpt2Config(json, where);
  const own = (json as Record<string, unknown>)[ownKey];
  if (own === undefined) return { kind: "lm", config, labels: [], baseline: false, bos: false };
  const { kind, labels = [], baseline = false, bos = false } = (own ?? {}) as Partial<ModelSpec>;
  if (kind !== "lm" && kind !== "arm" && kind !== "rad") {
    throw new TypeError(
      `${where} says ${ownKey}.kind: ${JSON.stringify(kind)}; it must be "lm", "arm" or "rad".`,
    );
  }
  const named = Array.isArray(labels) && labels.every((label) => typeof label === "string");
  if (!named || (kind !== "lm" && labels.length === 0)) {
    throw new TypeError(`${where} must list the names of the model's labels in ${ownKey}.labels.`);
  }
  return { kind, config, labels, baseline: baseline === true, bos: bos === true };
}

/** The `config.json` of a model. */
export function modelSpecJson(
  { kind, config, labels, baseline, bos }: ModelSpec,
): Record<string, unknown> {
  const own = kind === "lm"
    ? { kind, bos }
    : kind === "arm"
    ? { kind, labels, baseline }
    : { kind, labels };
  // a head that Hugging Face does not know must not load as a language model's
  const architectures = kind === "lm" ? ["GPT2LMHeadModel"] : ["GPT2Model"];
  return { ...gpt2ConfigJson(config), architectures, [ownKey]: own };
}

/** The ARM head that a spec describes. */
export function armHeadOf({ config, labels, baseline }: ModelSpec): ArmHead {
  return { labels: labels.length, width: config.width, baseline };
}

/** The RAD head that a spec describes. */
export function radHeadOf({ config, labels }: ModelSpec): RadHead {
  return { labels: labels.length, width: config.width };
}

/** Name → shape of all parameters of the model, backbone and head. */
export function shapesOf(spec: ModelSpec): ParameterShapes {
  const backbone = gpt2Shapes(spec.config);
  switch (spec.kind) {
    case "lm":
      return backbone;
    case "arm":
      return new Map([...backbone, ...armHeadShapes(armHeadOf(spec))]);
    case "rad":
      return new Map([...backbone, ...radHeadShapes(radHeadOf(spec))]);
  }
}
