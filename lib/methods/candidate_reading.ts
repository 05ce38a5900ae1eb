import { type Dim, minus, multiply } from "../graph/dim.ts";
import { concat, expand, gather, reshape, slice, transpose, unsqueeze } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { cachesOf } from "../inference/backbone_part.ts";
import { BranchSession } from "../inference/branch_session.ts";
import { BufferPool } from "../inference/buffer_pool.ts";
import { RowMover } from "../inference/growing_cache.ts";
import type { Part, RaterPart, StepInputs } from "../inference/part.ts";
import { cacheOutputNames, partInputs, partNames, partOutputs } from "../inference/part_graph.ts";
import { PartState, pastInputsOn } from "../inference/part_state.ts";
import type { Backbone, LayerCache } from "../models/backbone.ts";
import { forwardStep, type Past } from "../models/step.ts";
import type { Parameters } from "../models/parameters.ts";
import type { Device } from "../runtime/device.ts";
import { Lazy } from "../runtime/lazy.ts";
import { Session } from "../runtime/session.ts";
import { next } from "../runtime/state.ts";
import { free, integers, rowsOf, type Value } from "../runtime/value.ts";
import type { HeadedModel } from "./method.ts";
import type { Head } from "./reward_head.ts";
import type { RewardModel, RewardReading } from "./reward_model.ts";

/** The values of prefixes that end in the rated token: hidden states `[rows, d]` → `[rows, labels]`. */
export type RatePrefix<H> = (
  head: H,
  parameters: Parameters,
  hidden: Tensor<"float32">,
) => Tensor<"float32">;

/** What reads candidates: a model, how it rates them, and its weights. */
interface Reader {
  readonly kind: string;
  readonly backbone: Backbone;
  readonly labels: number;
  readonly rate: (hidden: Tensor<"float32">) => Tensor<"float32">;
  readonly parameters: Parameters;
}

/**
 * Opens a model every candidate of which goes through the backbone after the cached prefix, as in RAD (Deng & Raffel, 2023)
 * and FUDGE (Yang & Klein, 2021). The keys and values of the candidate that was taken are kept, so its text is not read again.
 *
 * @param plain whether each candidate is a text of its own with a copy of the prefix, and not one pass for all.
 */
export function openCandidateReader<H extends Head>(
  { kind, rule, textRating, backbone, labels, head }: HeadedModel<unknown, H>,
  rate: RatePrefix<H>,
  parameters: Parameters,
  device: Device,
  { plain = false }: { readonly plain?: unknown } = {},
): RewardModel {
  const reader: Reader = {
    kind,
    backbone,
    labels: labels.length,
    rate: (hidden) => rate(head, parameters, hidden),
    parameters,
  };
  const sessions = new Lazy(() => openSessions(reader, device, plain === true));
  return {
    kind,
    labels,
    rule,
    textRating,
    vocabulary: backbone.vocabulary,
    longestText: backbone.context,
    openBranches: () => BranchSession.open(branchPart(reader), device, { readsCandidates: true }),
    async start(prompts) {
      const opened = await sessions.get();
      const state = new PartState(
        opened.part,
        name,
        prompts,
        pastOn(device),
        opened.pool,
        opened.mover,
      );
      state.take(await opened.read.run(wantedOf(opened.read, state.feeds())));
      return new CandidateReading(kind, opened, state, prompts.length);
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

/** What the model is called in its graphs. */
const name = "model";

/** The part that reads tokens, and then every candidate behind them by itself; it reads a backbone's fresh columns only. */
function branchPart({ kind, backbone, rate, labels, parameters }: Reader): RaterPart {
  return {
    caches: cachesOf(backbone),
    running: [],
    context: backbone.context,
    backboneCalls: 1,
    begin: (prompt) => prompt,
    rate({ ids, past: { fresh: before, padding } }, candidates) {
      if (!candidates) throw new TypeError(noVocabulary(kind));
      const { fresh } = forwardStep(backbone, parameters, ids, { fresh: before, padding });
      const { hidden } = forwardStep(
        backbone,
        parameters,
        candidates,
        { fresh, padding },
        { alone: true },
      );
      return { scores: candidateRewards(rate(hidden), labels), fresh, running: {} };
    },
  };
}

const noVocabulary = (kind: string) =>
  `A model of kind ${kind} reads every candidate, so it cannot rate the whole vocabulary: rate the top k`;

/** `[batch, labels, k]` from values at `[batch, k]` candidates, `[batch·k, labels]`. */
function candidateRewards(values: Tensor<"float32">, labels: number): Tensor<"float32"> {
  return transpose(reshape(values, ["batch", "k", labels]), [0, 2, 1]);
}

const pastOn = (device: Device) => pastInputsOn(device, { inLoop: false });

interface ReaderSessions extends AsyncDisposable {
  readonly part: Part;
  readonly pool: BufferPool;
  readonly read: Session;
  readonly rate: Session;
  /** On a GPU: puts the keys and values of the candidates taken behind the cache. */
  readonly append?: Session;
  readonly mover?: RowMover;
}

async function openSessions(
  reader: Reader,
  device: Device,
  plain: boolean,
): Promise<ReaderSessions> {
  const part: Part = {
    caches: cachesOf(reader.backbone),
    running: [],
    context: reader.backbone.context,
    begin: (prompt) => prompt,
  };
  const cacheNames = cacheOutputNames(part, name);
  const onDevice = [...cacheNames, ...cacheNames.map(candidateName)];
  const open = (outputs: Record<string, Tensor>) =>
    Session.open(compile(outputs), device, { onDevice, spinning: false });
  const inputs = partInputs(part, name, pastOn(device));
  await using stack = new AsyncDisposableStack();
  const onGpu = device.name !== "cpu";
  const sessions = {
    part,
    pool: new BufferPool(),
    read: stack.use(await open(readGraph(reader, inputs))),
    rate: stack.use(await open(rateGraph(reader, inputs, plain))),
    append: onGpu ? stack.use(await open(appendGraph(part, inputs))) : undefined,
    mover: onGpu ? stack.use(await RowMover.open(device)) : undefined,
  };
  const opened = stack.move();
  return { ...sessions, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Those of the feeds that the session's graph takes: the prompts' graph takes no caches. */
function wantedOf(session: Session, feeds: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(feeds).filter(([name]) => session.program.inputs.has(name)),
  );
}

class CandidateReading implements RewardReading {
  readonly #kind: string;
  readonly #sessions: ReaderSessions;
  readonly #state: PartState;
  /** Keys and values of the last candidates, `[rows · k, …]`. */
  #candidates: Record<string, Value> = {};
  /** Which of the rows that were rated each row came from. */
  #ratedRows: readonly number[];
  #k = 0;
  backboneCalls = 0;

  constructor(kind: string, sessions: ReaderSessions, state: PartState, rows: number) {
    this.#kind = kind;
    this.#sessions = sessions;
    this.#state = state;
    this.#ratedRows = Array.from({ length: rows }, (_, row) => row);
  }

  async rate(candidates?: Value): Promise<Value> {
    if (!candidates) {
      throw new TypeError(noVocabulary(this.#kind));
    }
    const { rate } = this.#sessions;
    const [rows, k] = candidates.dims;
    this.#state.requireRoom(1);
    const feeds = wantedOf(rate, { ...this.#state.feeds(), candidates });
    const { rewards, ...others } = await rate.run(feeds);
    this.#forget();
    this.backboneCalls += rows * k;
    this.#k = k;
    this.#candidates = others;
    this.#ratedRows = Array.from({ length: rows }, (_, row) => row);
    return rewards;
  }

  async accept(tokens: readonly number[], places: readonly number[]): Promise<void> {
    const taken = places.map((place, row) => this.#ratedRows[row] * this.#k + place);
    const { append } = this.#sessions;
    this.#state.reads(tokens);
    if (append) {
      const feeds = { ...this.#state.feeds(), ...this.#candidates };
      const outputs = await append.run({
        ...wantedOf(append, feeds),
        taken: integers([taken.length], taken),
      });
      this.#state.take(outputs);
    } else {
      this.#state.take(Object.fromEntries(
        Object.entries(this.#candidates).map((
          [name, value],
        ) => [cacheNameOf(name), rowsOf(value, taken)]),
      ));
    }
    this.#forget();
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#state.select(rows);
    this.#ratedRows = rows.map((row) => this.#ratedRows[row]);
  }

  #forget(): void {
    for (const value of Object.values(this.#candidates)) free(value);
    this.#candidates = {};
  }

  [Symbol.dispose](): void {
    this.#forget();
    this.#state[Symbol.dispose]();
  }
}

const candidateName = (cacheName: string) => `candidate.${cacheName}`;
const cacheNameOf = (candidateName: string) => candidateName.slice("candidate.".length);

/** Reads left-padded prompts, with nothing before them. */
function readGraph(
  { backbone, parameters }: Reader,
  { ids, past: { padding } }: StepInputs,
): Record<string, Tensor> {
  const { fresh } = forwardStep(backbone, parameters, ids, { padding });
  return partOutputs(name, { fresh, running: {} });
}

/** Rates `[batch, k]` candidates, and gives their keys and values, `[batch·k, heads, 1, size]`. */
function rateGraph(
  { backbone, labels, rate, parameters }: Reader,
  { past }: StepInputs,
  plain: boolean,
): Record<string, Tensor> {
  const candidates = input("candidates", "int64", ["batch", "k"]);
  const rows = multiply("batch", "k");
  const { hidden, fresh } = plain
    ? forwardStep(backbone, parameters, reshape(candidates, [rows, 1]), repeated(past, rows))
    : forwardStep(backbone, parameters, candidates, past, { alone: true });
  const own = fresh.map(({ key, value }) => {
    const columns = key.shape[2];
    const ofOne = (x: Tensor<"float32">) => {
      const [, heads, , size] = x.shape;
      return plain
        ? slice(x, 2, minus(columns, 1), columns)
        : reshape(transpose(x, [0, 2, 1, 3]), [rows, heads, 1, size]);
    };
    return { key: ofOne(key), value: ofOne(value) };
  });
  const caches = partOutputs(name, { fresh: own, running: {} });
  return {
    rewards: candidateRewards(rate(hidden), labels),
    ...Object.fromEntries(
      Object.entries(caches).map(([name, tensor]) => [candidateName(name), tensor]),
    ),
  };
}

/** A past for k texts a row that all have the row's prefix. */
function repeated({ settled, fresh, padding }: Past, rows: Dim): Past {
  const repeat = <T extends Tensor>(x: T): T => {
    const [, ...rest] = x.shape;
    return reshape(expand(unsqueeze(x, [1]), ["batch", "k", ...rest]), [rows, ...rest]);
  };
  const layers = (caches: readonly LayerCache[]) =>
    caches.map(({ key, value }) => ({ key: repeat(key), value: repeat(value) }));
  return {
    settled: settled && { ...settled, layers: layers(settled.layers) },
    fresh: fresh && layers(fresh),
    padding: repeat(padding),
  };
}

/** Puts the keys and values of the candidates taken, rows of `[batch·k, …]`, behind the cache. */
function appendGraph({ caches }: Part, { past }: StepInputs): Record<string, Tensor> {
  const taken = input("taken", "int64", ["batch"]);
  const names = partNames.fresh(name, caches.length).map(next).map(candidateName);
  const fresh = past.fresh!.map(({ key, value }, i): LayerCache => {
    const { heads, size } = caches[i];
    const behind = (cache: Tensor<"float32">, name: string) =>
      concat([cache, gather(input(name, "float32", ["candidates", heads, 1, size]), taken)], 2);
    return { key: behind(key, names[2 * i]), value: behind(value, names[2 * i + 1]) };
  });
  return partOutputs(name, { fresh, running: {} });
}
