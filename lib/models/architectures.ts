import type { Kind } from "../options/option.ts";
import { checkArgument } from "../options/settle.ts";
import { type Architecture, backboneOf } from "./architecture.ts";
import type { Backbone, ModelConfig } from "./backbone.ts";
import { ConfigJson } from "./config_json.ts";
import { encoderNamed } from "./encoders.ts";
import { gemma3 } from "./gemma3.ts";
import { gpt2 } from "./gpt2.ts";
import { gptNeox } from "./gpt_neox.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { opt } from "./opt.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { smollm3 } from "./smollm3.ts";

/** An architecture, whatever its configuration is. */
export interface ListedArchitecture
  extends Pick<Architecture, "modelTypes" | "signature" | "title" | "classes" | "models" | "gguf"> {
  /** Reads a config.json. @throws {TypeError | RangeError} if it is not supported. */
  read(config: ConfigJson): Backbone;
}

/** Every architecture. A new one is one file and one line here. */
const list: ListedArchitecture[] = [
  listed(gpt2),
  listed(llama),
  listed(mistral),
  listed(qwen2),
  listed(qwen3),
  listed(smollm3),
  listed(gemma3),
  listed(gptNeox),
  listed(opt),
];

/** Every architecture that there is, those of `defineArchitecture` included. */
export const architectures: readonly ListedArchitecture[] = list;

const architectureKind = {
  type: "value",
  is: (value: unknown): value is Architecture =>
    typeof value === "object" && value !== null && "modelTypes" in value && "hidden" in value,
  what: "an architecture: { modelTypes, title, parse, shapes, hidden, … }",
} as const satisfies Kind;

/**
 * Adds an architecture to those that models are opened, trained and steered with, wherever a config.json names it.
 *
 * @returns how to make one of its models from a configuration.
 * @throws {TypeError} if it is no architecture, or there is one of its name already.
 */
export function defineArchitecture<Config extends ModelConfig>(
  architecture: Architecture<Config>,
): (config: Config) => Backbone {
  checkArgument("defineArchitecture", "architecture", architectureKind, architecture);
  const { modelTypes } = architecture;
  const taken = modelTypes.find((type) => architectureOf(type) !== undefined);
  if (taken !== undefined) {
    throw new TypeError(
      `defineArchitecture: there is an architecture with the model_type '${taken}' already; choose another name.`,
    );
  }
  list.push(listed(architecture));
  return (config) => backboneOf(architecture, config);
}

function listed<Config extends ModelConfig>(
  architecture: Architecture<Config>,
): ListedArchitecture {
  const { modelTypes, signature, title, classes, models, gguf } = architecture;
  const read = (config: ConfigJson) => backboneOf(architecture, architecture.parse(config));
  return { modelTypes, signature, title, classes, models, gguf, read };
}

function architectureOf(type: unknown): ListedArchitecture | undefined {
  return list.find(({ modelTypes }) => modelTypes.includes(type as string));
}

/**
 * Reads a Hugging Face `config.json`.
 *
 * @param where named in errors, usually the file's path.
 * @throws {TypeError} if it is of no known architecture, or a setting is not supported.
 * @throws {RangeError} if a size is missing or impossible.
 */
export function parseBackbone(json: unknown, where: string): Backbone {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`${where} is not a model's config.json: it must hold a JSON object.`);
  }
  const config = json as Record<string, unknown>;
  const type = config.model_type;
  const architecture = type === undefined ? recognized(config) : architectureOf(type);
  if (!architecture) {
    const encoder = encoderNamed(type);
    if (encoder) {
      throw new TypeError(
        `${where} says model_type: ${
          JSON.stringify(type)
        }: ${encoder.title} reads whole texts and writes none; ` +
          "use it with --scorer or --embeddings, and name a language model here.",
      );
    }
    const known = list.flatMap(({ modelTypes }) => modelTypes);
    throw new TypeError(
      `${where} says model_type: ${JSON.stringify(type)}, which is not supported; ` +
        `it must be ${known.map((each) => JSON.stringify(each)).join(", ")}.`,
    );
  }
  return architecture.read(new ConfigJson(config, where));
}

/** The architecture of a config.json without `model_type`, by the classes that it names, or by its keys. */
function recognized(config: Readonly<Record<string, unknown>>): ListedArchitecture | undefined {
  const [named] = [config.architectures].flat();
  return list.find(({ classes }) => Object.values(classes).includes(named as string)) ??
    list.find(({ signature }) => signature?.every((key) => key in config));
}
