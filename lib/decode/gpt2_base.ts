import { topK } from "../graph/ops/mod.ts";
import { CachedBackbone, type Reading } from "../inference/cached_backbone.ts";
import { languageModelHead } from "../nn/gpt2.ts";
import { type ModelSpec, parseModelSpec } from "../nn/model_spec.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { integers, rowsOf, type Value } from "../runtime/value.ts";
import { configPath, openModelFolder, parametersIn } from "../weights/model_folder.ts";
import type { BaseModel, BaseReading, Candidates } from "./base_model.ts";

/**
 * Opens a GPT-2 language model from its folder, to be steered.
 *
 * @throws {TypeError} if the folder holds a reward model.
 * @throws {Error} if it is no model folder, or its weights do not fit its config.
 */
export async function openBaseModel(path: string, device: Device): Promise<BaseModel> {
  const folder = await openModelFolder(path);
  const spec = parseModelSpec(folder.config, configPath(path));
  if (spec.kind !== "lm") {
    throw new TypeError(`'${path}' holds a reward model (${spec.kind}), not a language model.`);
  }
  return await openGpt2Base(spec, parametersIn(folder), device);
}

/** A GPT-2 language model whose graph ends in the top k logits, so that no more leaves the runtime. */
export async function openGpt2Base(
  { config, bos }: ModelSpec,
  parameters: Parameters,
  device: Device,
): Promise<BaseModel> {
  const backbone = await CachedBackbone.open(config, parameters, (hidden) => {
    const [logits, candidates] = topK(languageModelHead(config, parameters, hidden), "$k");
    return { logits, candidates };
  }, device);
  return {
    vocabulary: config.vocabulary,
    endOfText: config.endOfText,
    longestText: config.positions - (bos ? 1 : 0),
    async start(prompts, k) {
      const begun = prompts.map((prompt) =>
        bos || prompt.length === 0 ? [config.endOfText, ...prompt] : prompt
      );
      const { reading, outputs } = await backbone.read(begun, { k: integers([1], [k]) });
      return new Gpt2Reading(reading, k, candidatesIn(outputs));
    },
    [Symbol.asyncDispose]: () => backbone[Symbol.asyncDispose](),
  };
}

function candidatesIn({ candidates, logits }: Record<string, Value>): Candidates {
  return { ids: candidates, logits };
}

class Gpt2Reading implements BaseReading {
  readonly #reading: Reading;
  readonly #k: number;
  candidates: Candidates;

  constructor(reading: Reading, k: number, candidates: Candidates) {
    this.#reading = reading;
    this.#k = k;
    this.candidates = candidates;
  }

  async step(tokens: readonly number[]): Promise<void> {
    this.candidates = candidatesIn(
      await this.#reading.step(tokens, { k: integers([1], [this.#k]) }),
    );
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#reading.select(rows);
    const { ids, logits } = this.candidates;
    this.candidates = { ids: rowsOf(ids, rows), logits: rowsOf(logits, rows) };
  }

  [Symbol.dispose](): void {
    this.#reading[Symbol.dispose]();
  }
}
