import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";

/** What is shown of a tokenizer. */
interface Shown {
  readonly vocabSize: number;
  readonly endOfText: number;
  readonly begin?: readonly number[];
  encode(text: string): readonly number[];
  token(id: number): string;
}

const EXAMPLE = "The film was surprisingly good.";

/**
 * A tokenizer that shows in notebooks what it knows, and what it makes of a sentence.
 *
 * @param source where it comes from.
 */
export function shownTokenizer<Of extends Shown>(tokenizer: Of, source: string): Of {
  return displayedAs(tokenizer, () => {
    const { vocabSize, endOfText, begin = [] } = tokenizer;
    const ids = tokenizer.encode(EXAMPLE);
    const named = (id: number) => `${tokenizer.token(id)} (${id})`;
    return tableLook({
      title: "Tokenizer",
      facts: [
        ["from", source],
        ["vocabulary", vocabSize.toLocaleString("en-US")],
        ["end of text", named(endOfText)],
        [
          "texts begin with",
          begin.length === 0 ? "nothing of their own" : begin.map(named).join(" "),
        ],
        [`“${EXAMPLE}”`, `${ids.length} tokens`],
      ],
      columns: [{ name: "id", isNumber: true }, { name: "token" }],
      rows: ids.map((id) => [String(id), tokenizer.token(id)]),
    });
  });
}
