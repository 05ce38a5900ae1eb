import type { Tokenizer } from "../data/tokenizer.ts";

const ambiguous = -1;

/** What a server calls tokens by, when it names them by their text, and which ids these are. */
export class TokenNames {
  readonly #tokenizer: Tokenizer;
  /** Made when it is first needed: a server that names ids never does. */
  #ids: Map<string, number> | undefined;
  #idsOfBytes: Map<string, number> | undefined;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /**
   * The id of the only token of this name; `"ambiguous"` where several have it, as have most tokens that are parts
   * of a character; undefined where none has.
   */
  idOf(name: string): number | "ambiguous" | undefined {
    this.#ids ??= idsOf(this.#tokenizer, namesOf);
    const id = this.#ids.get(name);
    return id === ambiguous ? "ambiguous" : id;
  }

  /** The same for a token that is told by its bytes, which are a part of a character perhaps. */
  idOfBytes(bytes: readonly number[]): number | "ambiguous" | undefined {
    this.#idsOfBytes ??= idsOf(this.#tokenizer, bytesOf);
    const id = this.#idsOfBytes.get(bytes.join());
    return id === ambiguous ? "ambiguous" : id;
  }
}

function idsOf(
  tokenizer: Tokenizer,
  names: (tokenizer: Tokenizer, id: number) => Iterable<string>,
): Map<string, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    for (const name of names(tokenizer, id)) {
      const other = ids.get(name) ?? id;
      ids.set(name, other === id ? id : ambiguous);
    }
  }
  return ids;
}

/** All that a server may call a token; ids may have gaps. */
function namesOf(tokenizer: Tokenizer, id: number): Set<string> {
  let spelling: string;
  try {
    spelling = tokenizer.token(id);
  } catch {
    return new Set();
  }
  const text = tokenizer.decode([id]);
  // special tokens have no text, and SentencePiece drops the blank before a first word, which servers may keep
  const spelled = spelling.startsWith("▁") ? [spelling.replaceAll("▁", " ")] : [];
  return new Set([text === "" ? spelling : text, ...spelled]);
}

function bytesOf(tokenizer: Tokenizer, id: number): readonly string[] {
  const bytes = tokenizer.bytes?.(id);
  return bytes && bytes.length > 0 ? [bytes.join()] : [];
}
