import { minus } from "../graph/dim.ts";
import { slice } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { LayerCache } from "../models/backbone.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { next } from "../runtime/state.ts";
import { floats, free, integers, type Value } from "../runtime/value.ts";
import type { RaterPart } from "./part.ts";
import { cacheOutputNames, partInputs, partNames, partOutputs } from "./part_graph.ts";
import { ReadText } from "./read_text.ts";

/** A text, of which the beginning may have been read, and candidates for the token after it. */
export interface Branch {
  readonly read: ReadText;
  /** All that is read, as `Part.begin` gives it. */
  readonly tokens: readonly number[];
  readonly candidates: readonly number[];
}

/** What was said of a branch's candidates. */
export interface RatedBranch {
  /** `[label][candidate]`. */
  readonly scores: readonly Float32Array[];
  /** The branch's text as one that was read. */
  keep(): ReadText;
}

/** How a part rates. */
export interface BranchOptions {
  /** Whether each candidate goes through the backbone, so that those of different branches are not padded to one number. */
  readonly readsCandidates: boolean;
}

/** What the caches of texts that go through together may take, in bytes. */
const bytesTogether = 2 ** 28;

/**
 * One part as a graph that rates candidates after any texts: unlike a `PartSession`, it reads several tokens at once behind
 * what was read before, and texts may part ways, go back, and be of different lengths.
 *
 * Only what was not read before goes through the backbone, at least a text's last token. Branches of which equally many
 * tokens are to be read go through together.
 */
export class BranchSession implements AsyncDisposable {
  readonly part: RaterPart;
  readonly #session: Session;
  readonly #readsCandidates: boolean;

  private constructor(part: RaterPart, session: Session, { readsCandidates }: BranchOptions) {
    this.part = part;
    this.#session = session;
    this.#readsCandidates = readsCandidates;
  }

  /** Builds the graph and loads it. */
  static async open(
    part: RaterPart,
    device: Device,
    options: BranchOptions = { readsCandidates: false },
  ): Promise<BranchSession> {
    const inputs = partInputs(part, name, { settled: false, fresh: true });
    const candidates = input("candidates", "int64", ["batch", "k"]);
    const { scores, fresh, running } = part.rate(inputs, candidates);
    const time = inputs.ids.shape[1];
    const own = (x: Tensor<"float32">) => slice(x, 2, minus(x.shape[2], time), x.shape[2]);
    const caches = fresh.map(({ key, value }): LayerCache => ({
      key: own(key),
      value: own(value),
    }));
    const program = compile({ scores, ...partOutputs(name, { fresh: caches, running }) });
    return new BranchSession(
      part,
      await Session.open(program, device, { spinning: false }),
      options,
    );
  }

  /** Backbone calls that rating some branches takes: one each, or one a candidate where these are read, by backbones. */
  callsFor(branches: readonly Branch[]): number {
    const texts = this.#readsCandidates
      ? branches.reduce((sum, { candidates }) => sum + candidates.length, 0)
      : branches.length;
    return this.part.backboneCalls * texts;
  }

  /** Reads the beginnings of some texts, without rating anything. */
  async read(texts: readonly (readonly number[])[]): Promise<ReadText[]> {
    const read = ReadText.begin(this.part);
    const rated = await this.rate(texts.map((tokens) => ({ read, tokens, candidates: [0] })));
    return rated.map((branch) => branch.keep());
  }

  /** Rates the candidates of some branches. */
  async rate(branches: readonly Branch[]): Promise<RatedBranch[]> {
    const rated = new Array<RatedBranch>(branches.length);
    const placed = branches.map((branch, place): PlacedBranch => {
      const { read, tokens, candidates } = branch;
      const common = read.commonWith(tokens);
      // where nothing stands before the candidates, a token that is out of sight does
      const ids = tokens.length === 0 ? [0] : tokens.slice(common);
      return { read, tokens, candidates, place, common, ids };
    });
    const alike = Map.groupBy(
      placed,
      ({ ids, candidates }) =>
        this.#readsCandidates
          ? `${ids.length}, ${Math.ceil(Math.log2(candidates.length))}`
          : ids.length,
    );
    for (const group of alike.values()) {
      for (const together of this.#inBatches(group)) {
        const outputs = await this.#run(together);
        together.forEach(({ place }, i) => rated[place] = outputs[i]);
      }
    }
    return rated;
  }

  /** Splits branches so that their caches do not take too much memory. */
  #inBatches(group: readonly PlacedBranch[]): PlacedBranch[][] {
    const columns = Math.max(...group.map(({ common }) => common));
    const floats = this.part.caches.reduce((sum, { heads, size }) => sum + 2 * heads * size, 0);
    const most = Math.max(1, Math.floor(bytesTogether / Math.max(1, 4 * floats * columns)));
    const batches: PlacedBranch[][] = [];
    for (let i = 0; i < group.length; i += most) batches.push(group.slice(i, i + most));
    return batches;
  }

  async #run(group: readonly PlacedBranch[]): Promise<RatedBranch[]> {
    const { caches: shapes, running } = this.part;
    const rows = group.length;
    const columns = Math.max(...group.map(({ common }) => common));
    const time = group[0].ids.length;
    const k = Math.max(...group.map(({ candidates }) => candidates.length));
    const feeds: Record<string, Value> = {
      candidates: integers(
        [rows, k],
        group.flatMap(({ candidates }) => [...candidates, ...Array(k - candidates.length).fill(0)]),
      ),
      [partNames.ids(name)]: integers(
        [rows, time],
        group.flatMap(({ ids }) => ids),
      ),
      [partNames.padding(name)]: integers(
        [rows],
        group.map(({ tokens }) => columns + time - tokens.length),
      ),
    };
    const cacheNames = partNames.fresh(name, shapes.length);
    cacheNames.forEach((cacheName, cache) => {
      const { heads, size } = shapes[cache >> 1];
      const values = new Float32Array(rows * heads * columns * size);
      group.forEach(({ read, common }, row) => read.copyTo(cache, common, values, row, columns));
      feeds[cacheName] = floats([rows, heads, columns, size], values);
    });
    for (const { name: what, shape } of running) {
      const size = shape.reduce((product, extent) => product * extent, 1);
      const values = new Float32Array(rows * size);
      group.forEach(({ read, common }, row) => {
        const carried = read.carriedAt(common);
        if (carried) values.set(carried[what], row * size);
      });
      feeds[partNames.running(name, what)] = floats([rows, ...shape], values);
    }
    const outputs = await this.#session.run(feeds);
    for (const cacheName of cacheNames) free(feeds[cacheName]);

    const caches = cacheOutputNames(this.part, name).map((cacheName) => dataOf(outputs[cacheName]));
    const scores = dataOf(outputs.scores);
    const labels = outputs.scores.dims[1];
    return group.map(({ read, tokens, common, ids, candidates: { length } }, row) => {
      let kept = tokens.length === 0 ? read : undefined;
      return {
        scores: Array.from({ length: labels }, (_, label) => {
          const start = (row * labels + label) * k;
          return scores.subarray(start, start + length);
        }),
        keep: () =>
          kept ??= read.with(common, {
            tokens: ids,
            caches,
            row,
            carried: Object.fromEntries(running.map(({ name: what }) => {
              const values = dataOf(outputs[next(partNames.running(name, what))]);
              const size = values.length / rows;
              return [what, values.slice(row * size, (row + 1) * size)];
            })),
          }),
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

/** A branch with its place among all, how many of its tokens were read before, and those that are to be read. */
interface PlacedBranch extends Branch {
  readonly place: number;
  readonly common: number;
  readonly ids: readonly number[];
}

/** What the part is called in its own graph. */
const name = "model";

function dataOf(value: Value): Float32Array {
  return value.data as Float32Array;
}
