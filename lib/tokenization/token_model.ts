/** Turns a piece of a text into tokens. */
export interface TokenModel {
  /** The ids of the tokens by their spelling. */
  readonly vocabulary: ReadonlyMap<string, number>;
  tokenize(piece: string): readonly number[];
}

/** A cache that begins anew when it is full. */
const cacheSize = 20_000;

/** What `tokenize` gives, kept for pieces that come again. */
export function cached(
  tokenize: (piece: string) => readonly number[],
): (piece: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (piece) => {
    const found = known.get(piece);
    if (found) return found;
    const ids = tokenize(piece);
    if (piece.length > 256) return ids;
    if (known.size >= cacheSize) known.clear();
    known.set(piece, ids);
    return ids;
  };
}

/** The ids of the tokens `<0x00>` to `<0xFF>` for the bytes of a text; undefined if one is missing. */
export function byteTokens(
  vocabulary: ReadonlyMap<string, number>,
  text: string,
): number[] | undefined {
  const ids: number[] = [];
  for (const byte of new TextEncoder().encode(text)) {
    const id = vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    if (id === undefined) return undefined;
    ids.push(id);
  }
  return ids;
}
