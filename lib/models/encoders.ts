import { bert } from "./bert.ts";
import { ConfigJson } from "./config_json.ts";
import { distilbert } from "./distilbert.ts";
import {
  type Encoder,
  type EncoderArchitecture,
  type EncoderConfig,
  encoderOf,
} from "./encoder.ts";
import { roberta } from "./roberta.ts";

/** An architecture of encoders, whatever its configuration is. */
export interface ListedEncoder
  extends Pick<EncoderArchitecture, "modelTypes" | "title" | "models" | "classes"> {
  /** Reads a config.json. @throws {TypeError | RangeError} if it is not supported. */
  read(config: ConfigJson): Encoder;
}

/** Every architecture that reads texts as a whole. A new one is one file and one line here. */
export const encoders: readonly ListedEncoder[] = [
  listed(bert),
  listed(distilbert),
  listed(roberta),
];

function listed<Config extends EncoderConfig>(
  architecture: EncoderArchitecture<Config>,
): ListedEncoder {
  const { modelTypes, title, models, classes } = architecture;
  const read = (config: ConfigJson) => encoderOf(architecture, architecture.parse(config));
  return { modelTypes, title, models, classes, read };
}

/** The encoder that a config.json's `model_type` names; undefined if it is none. */
export function encoderNamed(modelType: unknown): ListedEncoder | undefined {
  return encoders.find(({ modelTypes }) => modelTypes.includes(modelType as string));
}

/**
 * Reads the `config.json` of an encoder.
 *
 * @param where named in errors, usually the file's path.
 * @throws {TypeError} if it is none that is known, or a setting is not supported.
 * @throws {RangeError} if a size is missing or impossible.
 */
export function parseEncoder(json: unknown, where: string): Encoder {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`${where} is not a model's config.json: it must hold a JSON object.`);
  }
  const config = json as Record<string, unknown>;
  const architecture = encoderNamed(config.model_type);
  if (architecture) return architecture.read(new ConfigJson(config, where));
  const known = encoders.flatMap(({ modelTypes }) => modelTypes);
  throw new TypeError(
    `${where} says model_type: ${
      JSON.stringify(config.model_type)
    }, which is no encoder that reads whole texts; ` +
      `name a folder of ${known.map((each) => JSON.stringify(each)).join(", ")}.`,
  );
}
