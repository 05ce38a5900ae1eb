import { type AddedToken, AddedTokens } from "./added_tokens.ts";
import { cutsBeforeBlanks } from "./blank_boundary.ts";
import { type Decode, decoderOf, tokenBytes } from "./decoders.ts";
import { isObject, type JsonObject, objectsIn, textIn } from "./json.ts";
import { modelOf } from "./models.ts";
import { normalizerOf } from "./normalizers.ts";
import { type PreTokenize, preTokenizerOf } from "./pre_tokenizers.ts";
import type { TokenModel } from "./token_model.ts";

/**
 * Text to token ids and back as a `tokenizer.json` says, in the steps of Hugging Face's `tokenizers`: added tokens are
 * found, the rest is normalized and split into pieces, and a model turns each piece into tokens. What it says and is
 * not known here is refused by name, so that the ids are those the model was trained with.
 */
export class Tokenization {
  /** Spellings by id; ids may have gaps. */
  readonly tokens: readonly (string | undefined)[];
  /** The special tokens that a text begins with. */
  readonly begin: readonly number[];
  /** The special tokens that a text ends with, where it is read as a whole. */
  readonly end: readonly number[];
  /** Whether a text may be cut before a blank that follows a letter; see `cutsBeforeBlanks`. */
  readonly cutsBeforeBlanks: boolean;
  readonly #added: AddedTokens;
  readonly #preTokenize: PreTokenize;
  readonly #model: TokenModel;
  readonly #decode: Decode;
  /** What decoders are given for each id: the spelling, normalized where the token is found in normalized text. */
  readonly #spelled: readonly (string | undefined)[];
  readonly #special: ReadonlySet<string>;
  readonly #bytesOf: (token: string) => Uint8Array;

  /** @throws {Error} whose message ends a sentence about the file. */
  constructor(json: JsonObject) {
    const part = <Made>(name: string, make: (json: JsonObject) => Made, none: Made): Made => {
      const value = json[name] ?? undefined;
      if (value === undefined) return none;
      if (!isObject(value)) throw new Error(`${name} must be an object`);
      return make(value);
    };
    if (!isObject(json.model)) throw new Error("it has no model");
    this.#model = modelOf(json.model);
    const added = objectsIn(json.added_tokens ?? [], "added_tokens").map(addedToken);
    const normalize = part("normalizer", normalizerOf, (text) => text);
    this.#added = new AddedTokens(added, normalize);
    this.#preTokenize = part("pre_tokenizer", preTokenizerOf, (pieces) => pieces);
    this.#decode = part("decoder", decoderOf, (tokens) => [tokens.join(" ")]);
    this.#special = new Set(added.filter(({ special }) => special).map(({ content }) => content));
    const tokens: (string | undefined)[] = [];
    for (const [token, id] of this.#model.vocabulary) tokens[id] = token;
    const spelled = tokens.slice();
    for (const { content, id, normalized } of added) {
      tokens[id] = content;
      spelled[id] = normalized ? normalize(content) : content;
    }
    this.tokens = tokens;
    this.#spelled = spelled;
    this.#bytesOf = part("decoder", tokenBytes, (token) => new TextEncoder().encode(token));
    const around = part("post_processor", tokensAround, nothing);
    this.begin = around.begin;
    this.end = around.end;
    this.cutsBeforeBlanks = cutsBeforeBlanks(json);
  }

  encode(text: string): number[] {
    const ids: number[] = [];
    for (const section of this.#added.split(text.toWellFormed())) {
      if (typeof section === "number") ids.push(section);
      else {
        for (const piece of this.#preTokenize([section])) {
          for (const id of this.#model.tokenize(piece.text)) ids.push(id);
        }
      }
    }
    return ids;
  }

  /** The bytes that a token adds to a text, those of its spelling if it is special; undefined if no token has the id. */
  bytes(id: number): Uint8Array | undefined {
    const token = this.tokens[id];
    return token === undefined ? undefined : this.#bytesOf(token);
  }

  /**
   * The text of ids. Ids that no token has are left out.
   *
   * @param options.special whether special tokens are spelled out, and not left out. Default false.
   */
  decode(ids: readonly number[], { special = false }: { special?: boolean } = {}): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.#spelled[id];
      if (token !== undefined && (special || !this.#special.has(token))) tokens.push(token);
    }
    return this.#decode(tokens).join("");
  }
}

function addedToken(json: JsonObject): AddedToken {
  const special = json.special === true;
  return {
    id: json.id as number,
    content: textIn(json.content, "an added token's content"),
    single_word: json.single_word === true,
    lstrip: json.lstrip === true,
    rstrip: json.rstrip === true,
    normalized: typeof json.normalized === "boolean" ? json.normalized : !special,
    special,
  };
}

/** The ids that stand around a text. */
interface Around {
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

const nothing: Around = { begin: [], end: [] };

/** What a post-processor of `tokenizer.json` puts around a text. */
function tokensAround(json: JsonObject): Around {
  switch (json.type) {
    case "Sequence":
      return objectsIn(json.processors, "processors").map(tokensAround).reduce(
        (inner, outer) => ({
          begin: [...outer.begin, ...inner.begin],
          end: [...inner.end, ...outer.end],
        }),
        nothing,
      );
    case "ByteLevel":
      return nothing;
    case "BertProcessing":
    case "RobertaProcessing": {
      const idOf = (token: unknown): number[] => Array.isArray(token) ? [token[1]] : [];
      return { begin: idOf(json.cls), end: idOf(json.sep) };
    }
    case "TemplateProcessing": {
      const single = objectsIn(json.single, "single");
      const idsOf = ({ SpecialToken: token }: JsonObject): readonly number[] => {
        const named = isObject(token) && isObject(json.special_tokens)
          ? json.special_tokens[`${token.id}`]
          : undefined;
        if (!isObject(named) || !Array.isArray(named.ids)) {
          throw new Error(`its template names a token that it does not tell`);
        }
        return named.ids as number[];
      };
      const text = single.findIndex((item) => "Sequence" in item);
      return {
        begin: single.slice(0, text).flatMap(idsOf),
        end: single.slice(text + 1).flatMap(idsOf),
      };
    }
    default:
      throw new Error(`the post-processor ${JSON.stringify(json.type)} is not supported`);
  }
}
