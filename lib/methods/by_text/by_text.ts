import type { Tokenizer } from "../../data/tokenizer.ts";
import type { Branch, BranchSession, RatedBranch } from "../../inference/branch_session.ts";
import type { ReadText } from "../../inference/read_text.ts";
import { requireRoom } from "../../inference/text_room.ts";
import type { RewardModel, RewardReading } from "../reward_model.ts";
import { textRatingOf } from "../text_rating.ts";
import { Lazy } from "../../runtime/lazy.ts";
import { floats, type Value } from "../../runtime/value.ts";
import type { RetokenizeRule } from "./by_text_options.ts";
import { type OwnTokens, ownTokensBy } from "./own_tokens.ts";

/** A reward model whose tokenizer is not the base model's. */
export interface Translated {
  /** The reward model's own tokenizer. */
  readonly own: Tokenizer;
  /** The base model's. */
  readonly base: Tokenizer;
  /** What is made into tokens. */
  readonly rule: RetokenizeRule;
  /** Where the tokenizers differ first; see `tokenizerDifference`. */
  readonly difference: string;
}

/**
 * A reward model that rates a base model's tokens as the text that they write, for a base model with another tokenizer:
 * a candidate's score is that of the whole text with the candidate behind it, in the reward model's own tokens.
 *
 * Candidates that are one more of its tokens behind the same others are rated by one backbone call; each further way in
 * which they begin takes one more. A token that ends the text, or a part of a character, adds no text: such a candidate has
 * the score of the text as it stands. The keys and values of what was read are kept.
 *
 * It owns `model`.
 *
 * @throws {TypeError} if the model's scores compare next tokens, and say nothing of texts: differences of logits, or log-probabilities.
 */
export function byText(
  model: RewardModel,
  { own, base, rule, difference }: Translated,
): RewardModel {
  const { kind, labels, openBranches } = model;
  const textRating = textRatingOf(model);
  if (textRating === "none" || !openBranches) {
    throw new TypeError(
      `A model of kind ${kind} rates tokens and no texts, so it must share the base model's tokenizer, and does not ` +
        `(${difference}): use models that share one.`,
    );
  }
  const session = new Lazy(openBranches);
  const ownTokens = ownTokensBy(rule, base, own);
  return {
    kind,
    labels,
    rule: model.rule,
    textRating,
    vocabulary: base.vocabSize,
    // in tokens of the base model, of which any number may be one of its own
    longestText: Infinity,
    byText: { retokenize: rule, difference },
    async start(prompts) {
      const { longestText } = model;
      const opened = await session.get();
      return await TextReading.start(opened, prompts.map(ownTokens), {
        longestText,
        labels: labels.length,
        endOfText: own.endOfText,
      });
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await model[Symbol.asyncDispose]();
    },
  };
}

interface TextReadingFacts {
  /** In the reward model's own tokens. */
  readonly longestText: number;
  readonly labels: number;
  /** What is rated where there is no text at all. */
  readonly endOfText: number;
}

/** A text of a batch. */
interface Row {
  readonly text: OwnTokens;
  readonly read: ReadText;
  /** By the candidates' places: the branch that each was rated on, when that was last done. */
  readonly branches: readonly RatedBranch[];
}

class TextReading implements RewardReading {
  readonly #session: BranchSession;
  readonly #facts: TextReadingFacts;
  #rows: readonly Row[];
  backboneCalls = 0;

  private constructor(session: BranchSession, facts: TextReadingFacts, rows: readonly Row[]) {
    this.#session = session;
    this.#facts = facts;
    this.#rows = rows;
  }

  /** Reads the prompts, but for their last tokens, which are read with the first candidates. */
  static async start(
    session: BranchSession,
    texts: readonly OwnTokens[],
    facts: TextReadingFacts,
  ): Promise<TextReading> {
    texts.forEach(({ settled, open }, row) => fit(row, settled.length + open.length, facts));
    const beginnings = texts.map(({ settled, open }) =>
      session.part.begin([...settled, ...open].slice(0, -1))
    );
    const read = await session.read(beginnings);
    const rows = texts.map((text, row) => ({ text, read: read[row], branches: [] }));
    return new TextReading(session, facts, rows);
  }

  async rate(candidates?: Value): Promise<Value> {
    if (!candidates) {
      throw new TypeError(
        "Candidates that are read as text are read one by one, so the whole vocabulary cannot be rated: rate the top k",
      );
    }
    const [, k] = candidates.dims;
    const ids = candidates.data as BigInt64Array;
    const asked = this.#rows.map((row, i) =>
      this.#partingWays(row, i, Array.from(ids.subarray(i * k, (i + 1) * k), Number))
    );
    const branches = asked.flatMap(({ branches }) => branches);
    const rated = await this.#session.rate(branches);
    this.backboneCalls += this.#session.callsFor(branches);

    const { labels } = this.#facts;
    const scores = new Float32Array(this.#rows.length * labels * k);
    let first = 0;
    this.#rows = this.#rows.map(({ text, read }, row) => {
      const { branches, places } = asked[row];
      const of = rated.slice(first, first += branches.length);
      places.forEach(({ branch, candidate }, place) => {
        of[branch].scores.forEach((scored, label) => {
          scores[(row * labels + label) * k + place] = scored[candidate];
        });
      });
      return { text, read, branches: places.map(({ branch }) => of[branch]) };
    });
    return floats([this.#rows.length, labels, k], scores);
  }

  /** The branches of a row, one for all candidates that are the last of own tokens behind the same others. */
  #partingWays({ text, read }: Row, row: number, candidates: readonly number[]) {
    const branches: Branch[] = [];
    const known = new Map<string, { branch: number; candidates: number[] }>();
    const places = candidates.map((id) => {
      const { settled, open } = text.with(id);
      fit(row, settled.length + open.length, this.#facts);
      // what is settled is the same for all; where nothing stands behind it, its own last token is rated
      const isSettled = open.length === 0 && settled.length > 0;
      const key = isSettled ? "settled" : `${open.slice(0, -1)}`;
      let found = known.get(key);
      if (!found) {
        found = { branch: branches.length, candidates: [] };
        known.set(key, found);
        const tokens = this.#session.part.begin([...settled, ...open].slice(0, -1));
        branches.push({ read, tokens, candidates: found.candidates });
      }
      const last = open.at(-1) ?? settled.at(-1) ?? this.#facts.endOfText;
      const place = found.candidates.indexOf(last);
      const candidate = place < 0 ? found.candidates.push(last) - 1 : place;
      return { branch: found.branch, candidate };
    });
    return { branches, places };
  }

  accept(tokens: readonly number[], places: readonly number[]): Promise<void> {
    this.#rows = this.#rows.map(({ text, branches }, row) => ({
      text: text.with(tokens[row]).settle(),
      read: branches[places[row]].keep(),
      branches: [],
    }));
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

/** Refuses a text that does not fit into the reward model's context. */
function fit(row: number, tokens: number, { longestText }: TextReadingFacts): void {
  requireRoom(`Text ${row + 1}, in the reward model's own tokens,`, tokens, longestText, {
    advice: "shorten the prompt, or ask for fewer new tokens",
  });
}
