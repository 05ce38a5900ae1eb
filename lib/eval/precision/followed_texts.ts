/** Texts that are followed together. */
const batchRows = 25;

/** Something that follows a batch of texts token by token. */
export interface Follower {
  /** Goes on with the named rows only, in that order. */
  select(rows: readonly number[]): Promise<void>;
  /** Reads one more token a row. */
  step(tokens: readonly number[]): Promise<void>;
}

/**
 * Follows texts (token ids) from their beginning to their last token, in batches from which texts are dropped as
 * they end.
 *
 * @param start begins a batch of as many texts, none of whose tokens is read.
 * @param at is called before each token is read, with the next token of every row.
 */
export async function followTexts<F extends Follower & Disposable>(
  texts: readonly (readonly number[])[],
  start: (rows: number) => Promise<F>,
  at: (follower: F, next: readonly number[]) => void | Promise<void>,
): Promise<void> {
  // texts of about one length are followed together
  const sorted = texts.filter(({ length }) => length > 0).sort((a, b) => b.length - a.length);
  for (let from = 0; from < sorted.length; from += batchRows) {
    let rows = sorted.slice(from, from + batchRows);
    using follower = await start(rows.length);
    for (let time = 0; rows.length > 0; time++) {
      await at(follower, rows.map((text) => text[time]));
      const longer = rows.filter(({ length }) => length > time + 1);
      // the longer ones come first
      if (longer.length < rows.length) await follower.select(longer.map((_, row) => row));
      rows = longer;
      if (rows.length > 0) await follower.step(rows.map((text) => text[time]));
    }
  }
}
