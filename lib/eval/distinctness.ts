import { checkArgument } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";

/** dist-1, dist-2 and dist-3. */
export type Distinctness = [dist1: number, dist2: number, dist3: number];

/**
 * The variety of the continuations of one prompt (Li et al., 2016, as the published evaluation
 * code of RAD and ARM counts it).
 *
 * dist-n is the number of different n-grams of words over all texts, divided by the number of
 * *words* of all texts (not of n-grams). Words are what stands between single blanks: a leading
 * blank gives an empty word, an empty text is one empty word, and newlines do not split. N-grams do
 * not cross texts. The average over prompts is the mean of each of the three.
 *
 * @throws RangeError if there is no text.
 */
export function distinctness(texts: readonly string[]): Distinctness {
  checkArgument("distinctness", "texts", textsKind, texts);
  if (texts.length === 0) {
    throw new RangeError("Cannot count distinct n-grams as 'texts' is empty: pass at least one");
  }
  const documents = texts.map((text) => text.split(" "));
  const words = documents.reduce((sum, document) => sum + document.length, 0);
  const share = (n: number) => {
    const different = new Set<string>();
    for (const document of documents) {
      for (let i = 0; i + n <= document.length; i++) {
        // Words hold no blank, so joining by one cannot merge different n-grams.
        different.add(document.slice(i, i + n).join(" "));
      }
    }
    return different.size / words;
  };
  return [share(1), share(2), share(3)];
}
