import type { OpenedBase } from "../bases/open_base.ts";
import { TokenBytes, WrittenText } from "../methods/by_text/written_text.ts";
import type { RewardModel, RewardReading } from "../methods/reward_model.ts";
import type { Kind, OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { floats, type Value } from "../runtime/value.ts";
import { readings, type Reads, type Scorer } from "./scorers/scorer.ts";

/** What `scorerModel` takes. */
export const scorerModelOptions = {
  reads: {
    type: "choice",
    of: readings,
    default: "whole",
    help: "what is scored: the prompt and all that follows, or what follows alone",
  },
  every: {
    type: "integer",
    min: 1,
    default: 1,
    placeholder: "n",
    help: "score at every n-th token only; between these the base model is alone",
  },
} as const satisfies OptionTable;

/** What `scorerModel` takes. */
export type ScorerModelOptions = OptionsOf<typeof scorerModelOptions>;

const scorerKind = {
  type: "value",
  is: (value: unknown): value is Scorer =>
    typeof value === "object" && value !== null && "score" in value && "labels" in value,
  what: "a scorer, from await openScorer()",
} as const satisfies Kind;

const openedBaseKind = {
  type: "value",
  is: (value: unknown): value is Pick<OpenedBase, "base" | "tokenizer"> =>
    typeof value === "object" && value !== null && "base" in value && "tokenizer" in value,
  what: "a base model with its tokenizer, from await openBase()",
} as const satisfies Kind;

/** What messages and tables call a scorer that steers. */
export const scorerKindName = "caif";

/**
 * A scorer as what steers (CAIF: Sitdikov et al., 2022): the text with each candidate behind it is scored as a text of its own,
 * by the scorer's own tokenizer, and log p(c | text) is what the candidate is rated by. A candidate that adds no
 * text, such as the end of it or a part of a character, has the score of the text as it stands.
 *
 * Where a scorer has no score, the log-odds are 0. The scorer stays its owner's.
 *
 * @param base the base model that it steers, whose tokens write the texts.
 */
export function scorerModel(
  scorer: Scorer,
  base: Pick<OpenedBase, "base" | "tokenizer">,
  options: ScorerModelOptions = {},
): RewardModel {
  checkArgument("scorerModel", "scorer", scorerKind, scorer);
  checkArgument("scorerModel", "base", openedBaseKind, base);
  const { reads, every } = settle("scorerModel", scorerModelOptions, options);
  const bytes = new TokenBytes(base.tokenizer);
  return {
    kind: scorerKindName,
    labels: scorer.labels,
    rule: "logProbability",
    vocabulary: base.base.vocabulary,
    longestText: Infinity,
    start: (prompts) =>
      Promise.resolve(
        new ScoredReading(scorer, prompts.map((prompt) => textOf(bytes, prompt)), { reads, every }),
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A text of a batch. */
interface Row {
  readonly written: WrittenText;
  readonly text: string;
  /** Where what follows the prompt begins. */
  readonly from: number;
}

function textOf(bytes: TokenBytes, prompt: readonly number[]): Row {
  let row: Row = { written: WrittenText.begin(bytes), text: "", from: 0 };
  for (const id of prompt) row = withToken(row, id);
  return { ...row, from: row.text.length };
}

function withToken({ written, text, from }: Row, id: number): Row {
  const { added, text: next } = written.with(id);
  return { written: next, text: text + added, from };
}

class ScoredReading implements RewardReading {
  readonly #scorer: Scorer;
  readonly #reads: Reads;
  readonly #every: number;
  #rows: readonly Row[];
  #steps = 0;
  backboneCalls = 0;

  constructor(
    scorer: Scorer,
    rows: readonly Row[],
    { reads, every }: { readonly reads: Reads; readonly every: number },
  ) {
    this.#scorer = scorer;
    this.#rows = rows;
    this.#reads = reads;
    this.#every = every;
  }

  async rate(candidates?: Value): Promise<Value> {
    if (!candidates) {
      throw new TypeError(
        "A scorer reads texts with each candidate, so it cannot rate the whole vocabulary: rate the top k",
      );
    }
    const [rows, k] = candidates.dims;
    const labels = this.#scorer.labels.length;
    const scores = new Float32Array(rows * labels * k);
    if (this.#steps++ % this.#every > 0) return floats([rows, labels, k], scores);
    const ids = candidates.data as BigInt64Array;
    const places = new Map<string, number>();
    const asked = Array.from({ length: rows * k }, (_, i) => {
      const { text, from } = withToken(this.#rows[Math.floor(i / k)], Number(ids[i]));
      const read = this.#reads === "whole" ? text : text.slice(from);
      const place = places.get(read) ?? places.size;
      places.set(read, place);
      return place;
    });
    const scored = await this.#scorer.score([...places.keys()]);
    this.backboneCalls += places.size;
    asked.forEach((place, i) => {
      const [row, candidate] = [Math.floor(i / k), i % k];
      for (let label = 0; label < labels; label++) {
        scores[(row * labels + label) * k + candidate] = logOdds(scored[place * labels + label]);
      }
    });
    return floats([rows, labels, k], scores);
  }

  accept(tokens: readonly number[]): Promise<void> {
    this.#rows = this.#rows.map((row, i) => withToken(row, tokens[i]));
    return Promise.resolve();
  }

  select(rows: readonly number[]): Promise<void> {
    this.#rows = rows.map((row) => this.#rows[row]);
    return Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.#rows = [];
  }
}

/** log p − log(1 − p), with p kept off 0 and 1; 0 where there is no score. */
function logOdds(p: number): number {
  if (Number.isNaN(p)) return 0;
  const kept = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
  return Math.log(kept / (1 - kept));
}
