import type { Architecture, ModelConfig } from "./architecture.ts";
import { type Backbone, backboneOf } from "./backbone.ts";
import { ConfigJson } from "./config_json.ts";
import { gemma3 } from "./gemma3.ts";
import { gpt2 } from "./gpt2.ts";
import { gptNeox } from "./gpt_neox.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { opt } from "./opt.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { smollm3 } from "./smollm3.ts";

/** Every architecture. A new one is one file and one line here. */
const architectures: readonly Reader[] = [
  reader(gpt2),
  reader(llama),
  reader(mistral),
  reader(qwen2),
  reader(qwen3),
  reader(smollm3),
  reader(gemma3),
  reader(gptNeox),
  reader(opt),
];

/** An architecture, whatever its configuration is. */
interface Reader {
  readonly modelTypes: readonly string[];
  read(config: ConfigJson): Backbone;
}

function reader<Config extends ModelConfig>(architecture: Architecture<Config>): Reader {
  return {
    modelTypes: architecture.modelTypes,
    read: (config) => backboneOf(architecture, architecture.parse(config)),
  };
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
  const { model_type: type } = json as { model_type?: unknown };
  const architecture = architectures.find(({ modelTypes }) => modelTypes.includes(type as string));
  if (!architecture) {
    const known = architectures.flatMap(({ modelTypes }) => modelTypes);
    throw new TypeError(
      `${where} says model_type: ${JSON.stringify(type)}, which is not supported; ` +
        `it must be ${known.map((each) => JSON.stringify(each)).join(", ")}.`,
    );
  }
  return architecture.read(new ConfigJson(json as Record<string, unknown>, where));
}
