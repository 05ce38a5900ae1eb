import { parseBackbone } from "./architectures.ts";
import type { Backbone } from "./backbone.ts";
import { type ControlCodes, parseControlCodes } from "./control_codes.ts";

/** A language model. */
export interface LanguageModelSpec {
  readonly kind: "lm";
  readonly backbone: Backbone;
  /** Whether it was trained to read BOS before a text; Hugging Face's models were not. */
  readonly bos: boolean;
  /** The control codes that it was trained with, and the one that it reads before a text. Default: none. */
  readonly controlCodes?: ControlCodes;
}

/** The key of config.json under which Armature keeps what Hugging Face has no name for. */
export const ownKey = "armature";

/** What a config.json says under Armature's key; undefined if it has none, as a plain language model's. */
export function ownEntry(json: unknown): Readonly<Record<string, unknown>> | undefined {
  const own = (json as Record<string, unknown> | null)?.[ownKey];
  return own === undefined ? undefined : (own ?? {}) as Record<string, unknown>;
}

/** The kind of model that a config.json describes: `lm` where it has no entry of ours. */
export function kindIn(json: unknown): unknown {
  const own = ownEntry(json);
  return own === undefined ? "lm" : own.kind;
}

/**
 * Reads the `config.json` of a language model.
 *
 * @param where named in errors, usually the file's path.
 * @param refusal says what is wrong where it describes a model of this other kind.
 * @throws {TypeError | RangeError} if it does, or is not a supported model.
 */
export function parseLanguageModel(
  json: unknown,
  where: string,
  refusal: (kind: string) => string,
): LanguageModelSpec {
  const kind = kindIn(json);
  if (typeof kind !== "string") {
    throw new TypeError(
      `${where} says ${ownKey}.kind: ${JSON.stringify(kind)}; a language model's is "lm".`,
    );
  }
  if (kind !== "lm") throw new TypeError(refusal(kind));
  const backbone = parseBackbone(json, where);
  const own = ownEntry(json);
  const controlCodes = parseControlCodes(own?.controlCodes, where, backbone.vocabulary);
  return { kind, backbone, bos: own?.bos === true, ...(controlCodes && { controlCodes }) };
}

/** The `config.json` of a language model. */
export function languageModelJson(
  { backbone, ...own }: LanguageModelSpec,
): Record<string, unknown> {
  return { ...backbone.json(), architectures: [backbone.classes.languageModel], [ownKey]: own };
}
