/** A piece of a SentencePiece model. */
interface ScoredPiece {
  readonly id: number;
  readonly score: number;
}

/**
 * The merges that stand for the scores of a SentencePiece model's pieces: all ways to make a piece of two others, those of the piece with
 * the highest score first. Of one score, longer left parts come first, as transformers' `generate_merges` orders them.
 */
export function mergesByScore(pieces: ReadonlyMap<string, ScoredPiece>): [string, string][] {
  const merges: { left: string; right: string; score: number; order: number }[] = [];
  for (const [piece, { score }] of pieces) {
    const own: { left: string; right: string; leftId: number; rightId: number }[] = [];
    for (let at = 1; at < piece.length; at++) {
      const left = pieces.get(piece.slice(0, at));
      if (left === undefined) continue;
      const right = pieces.get(piece.slice(at));
      if (right === undefined) continue;
      own.push({
        left: piece.slice(0, at),
        right: piece.slice(at),
        leftId: left.id,
        rightId: right.id,
      });
    }
    own.sort((a, b) => a.leftId - b.leftId || a.rightId - b.rightId);
    for (const { left, right } of own) merges.push({ left, right, score, order: merges.length });
  }
  // lengths in code points, as Python counts them
  const length = (text: string) => text.length === 1 ? 1 : [...text].length;
  const sizes = merges.map(({ left, right }) => [length(left), length(right)]);
  merges.sort((a, b) =>
    b.score - a.score ||
    sizes[b.order][0] - sizes[a.order][0] ||
    sizes[b.order][1] - sizes[a.order][1] ||
    a.order - b.order
  );
  return merges.map(({ left, right }) => [left, right]);
}
