import { multiply, plus } from "../graph/dim.ts";
import { expand, gather, reshape, slice, transpose, unsqueeze } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { prefillGraph } from "../inference/cached_backbone.ts";
import {
  appended,
  cacheInputs,
  cacheOutputNames,
  cacheOutputs,
  KeyValueCache,
  RowMover,
} from "../inference/key_value_cache.ts";
import { Prefixes } from "../inference/prefixes.ts";
import { gpt2, type LayerCache } from "../nn/gpt2.ts";
import type { Gpt2Config } from "../nn/gpt2_config.ts";
import { type ModelSpec, radHeadOf } from "../nn/model_spec.ts";
import type { Parameters } from "../nn/parameters.ts";
import { radReward } from "../nn/rad_head.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { integers, type Value } from "../runtime/value.ts";
import type { RewardModel, RewardReading } from "./reward_model.ts";

/**
 * RAD (Deng & Raffel, 2023): every candidate goes through the backbone after the cached prefix, k calls a
 * step. The keys and values of the candidate that was taken are kept, so its text is not read again.
 */
export async function openRad(
  spec: ModelSpec,
  parameters: Parameters,
  device: Device,
): Promise<RewardModel> {
  const { config, labels } = spec;
  const onDevice = [...cacheOutputNames(config), ...candidateNames(config)];
  const open = (outputs: Record<string, Tensor>) =>
    Session.open(compile(outputs), device, { onDevice, spinning: false });
  const sessions: RadSessions = {
    read: await open(prefillGraph(config, parameters, () => ({}))),
    rate: await open(rateGraph(spec, parameters)),
    append: await open(appendGraph(config)),
    mover: await RowMover.open(config, device),
  };
  return {
    kind: "rad",
    labels,
    vocabulary: config.vocabulary,
    longestText: config.positions,
    async start(prompts) {
      const prefixes = Prefixes.of(prompts);
      const cache = new KeyValueCache();
      cache.take(
        config,
        await sessions.read.run({
          ids: prefixes.ids(prompts, config.endOfText),
          // a model of one block has keys and values that depend on no other token
          ...(sessions.read.program.inputs.has("mask") ? { mask: prefixes.mask() } : {}),
          positions: prefixes.positions(),
        }),
      );
      return new RadReading(config, sessions, cache, prefixes);
    },
    async [Symbol.asyncDispose]() {
      for (const session of Object.values(sessions)) await session[Symbol.asyncDispose]();
    },
  };
}

interface RadSessions {
  readonly read: Session;
  readonly rate: Session;
  readonly append: Session;
  readonly mover: RowMover;
}

class RadReading implements RewardReading {
  readonly #config: Gpt2Config;
  readonly #sessions: RadSessions;
  readonly #cache: KeyValueCache;
  #prefixes: Prefixes;
  /** Keys and values of the last candidates, `[rows · k, …]`. */
  #candidates: Record<string, Value> = {};
  /** Which of the rows that were rated each row came from. */
  #ratedRows: readonly number[] = [];
  #k = 0;
  backboneCalls = 0;

  constructor(config: Gpt2Config, sessions: RadSessions, cache: KeyValueCache, prefixes: Prefixes) {
    this.#config = config;
    this.#sessions = sessions;
    this.#cache = cache;
    this.#prefixes = prefixes;
  }

  async rate(candidates: Value): Promise<Value> {
    const [rows, k] = candidates.dims;
    const { rewards, ...others } = await this.#sessions.rate.run({
      candidates,
      mask: this.#prefixes.mask(1),
      positions: this.#prefixes.nextPositions(),
      ...this.#cache.feeds(),
    });
    this.backboneCalls += rows * k;
    this.#k = k;
    this.#candidates = others;
    this.#ratedRows = Array.from({ length: rows }, (_, row) => row);
    return rewards;
  }

  async accept(_tokens: readonly number[], places: readonly number[]): Promise<void> {
    const taken = places.map((place, row) => this.#ratedRows[row] * this.#k + place);
    const outputs = await this.#sessions.append.run({
      ...this.#cache.feeds(),
      ...this.#candidates,
      taken: integers([taken.length], taken),
    });
    for (const value of Object.values(this.#candidates)) value.dispose();
    this.#candidates = {};
    this.#cache.take(this.#config, outputs);
    this.#prefixes.columns++;
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#sessions.mover.select(this.#cache, rows);
    this.#ratedRows = rows.map((row) => this.#ratedRows[row]);
    this.#prefixes = this.#prefixes.select(rows);
  }

  [Symbol.dispose](): void {
    for (const value of Object.values(this.#candidates)) value.dispose();
    this.#cache[Symbol.dispose]();
  }
}

const candidateName = (layer: number, part: string) => `candidate.${layer}.${part}`;

function candidateNames({ layers }: Gpt2Config): string[] {
  return Array.from(
    { length: layers },
    (_, i) => ["key", "value"].map((part) => candidateName(i, part)),
  )
    .flat();
}

/** Rates `[batch, k]` candidates: the cache is repeated k times, and each candidate is read as the next token. */
function rateGraph(spec: ModelSpec, parameters: Parameters): Record<string, Tensor> {
  const { config, labels } = spec;
  const candidates = input("candidates", "int64", ["batch", "k"]);
  const rows = multiply("batch", "k");
  const repeated = <T extends Tensor>(x: T): T => {
    const [, ...rest] = x.shape;
    return reshape(expand(unsqueeze(x, [1]), ["batch", "k", ...rest]), [rows, ...rest]);
  };
  const past = cacheInputs(config);
  const { hidden, present } = gpt2(config, parameters, {
    ids: reshape(candidates, [rows, 1]),
    mask: repeated(input("mask", "float32", ["batch", plus("past", 1)])),
    positions: repeated(input("positions", "int64", ["batch", 1])),
    past: past.map(({ key, value }) => ({ key: repeated(key), value: repeated(value) })),
  });
  const rewards = reshape(radReward(radHeadOf(spec), parameters, hidden), [
    "batch",
    "k",
    labels.length,
  ]);
  const outputs: Record<string, Tensor> = { rewards: transpose(rewards, [0, 2, 1]) };
  present.forEach((layer, i) => {
    for (const part of ["key", "value"] as const) {
      outputs[candidateName(i, part)] = slice(layer[part], 2, "past", plus("past", 1));
    }
  });
  return outputs;
}

/** Puts the keys and values of the candidates taken, rows of `[batch · k, …]`, behind the cache. */
function appendGraph(config: Gpt2Config): Record<string, Tensor> {
  const taken = input("taken", "int64", ["batch"]);
  const shape = ["candidates", config.heads, 1, config.width / config.heads];
  const added = Array.from({ length: config.layers }, (_, i): LayerCache => ({
    key: gather(input(candidateName(i, "key"), "float32", shape), taken),
    value: gather(input(candidateName(i, "value"), "float32", shape), taken),
  }));
  return cacheOutputs(appended(cacheInputs(config), added));
}
