import { bytesOf } from "./byte_characters.ts";
import { type JsonObject, objectsIn, textIn, unknownType } from "./json.ts";
import { patternOf } from "./pattern.ts";

/** Turns the spellings of tokens into the pieces of their text. */
export type Decode = (tokens: readonly string[]) => readonly string[];

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A decoder of `tokenizer.json`. @throws {Error} if it is not known. */
export function decoderOf(json: JsonObject): Decode {
  switch (json.type) {
    case "Sequence": {
      const all = objectsIn(json.decoders, "decoders").map(decoderOf);
      return (tokens) => all.reduce((decoded, decode) => decode(decoded), tokens);
    }
    case "ByteLevel":
      return (tokens) => {
        const bytes: number[] = [];
        for (const token of tokens) for (const byte of bytesOf(token)) bytes.push(byte);
        return [utf8.decode(Uint8Array.from(bytes))];
      };
    case "Metaspace": {
      const blank = textIn(json.replacement, "replacement");
      const drops = json.prepend_scheme !== "never" && json.add_prefix_space !== false;
      return (tokens) =>
        tokens.map((token, i) => token.replaceAll(blank, i === 0 && drops ? "" : " "));
    }
    case "ByteFallback":
      return byteFallback;
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Strip": {
      const content = textIn(json.content, "content");
      const [start, stop] = [Number(json.start ?? 0), Number(json.stop ?? 0)];
      return (tokens) => tokens.map((token) => stripped(token, content, start, stop));
    }
    case "Replace": {
      const pattern = patternOf(json.pattern);
      const content = textIn(json.content, "content");
      return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
    }
    case "BPEDecoder": {
      const suffix = textIn(json.suffix, "suffix");
      return (tokens) =>
        tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? "" : " "));
    }
    case "WordPiece": {
      const prefix = textIn(json.prefix, "prefix");
      return (tokens) =>
        tokens.map((token, i) => {
          const joined = i === 0
            ? token
            : token.startsWith(prefix)
            ? token.slice(prefix.length)
            : ` ${token}`;
          return json.cleanup ?? true ? cleaned(joined) : joined;
        });
    }
    default:
      return unknownType("decoder", json);
  }
}

/** The bytes that a token stands for in a text that goes on, by the decoder of `tokenizer.json`. */
export function tokenBytes(json: JsonObject): (token: string) => Uint8Array {
  const parts = json.type === "Sequence" ? objectsIn(json.decoders, "decoders") : [json];
  if (parts.some(({ type }) => type === "ByteLevel")) {
    return (token) => Uint8Array.from(bytesOf(token));
  }
  const fallsBack = parts.some(({ type }) => type === "ByteFallback");
  const encoder = new TextEncoder();
  return (token) => {
    const byte = fallsBack ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1] : undefined;
    return byte === undefined
      ? encoder.encode(token.replaceAll("▁", " "))
      : Uint8Array.of(parseInt(byte, 16));
  };
}

/** Tokens such as `<0xE2>` in a row are a text's bytes; those that are none become U+FFFD, one a byte. */
function byteFallback(tokens: readonly string[]): string[] {
  const decoded: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length === 0) return;
    try {
      decoded.push(strictUtf8.decode(Uint8Array.from(bytes)));
    } catch {
      decoded.push("\ufffd".repeat(bytes.length));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
    if (byte) bytes.push(parseInt(byte[1], 16));
    else {
      flush();
      decoded.push(token);
    }
  }
  flush();
  return decoded;
}

function stripped(token: string, content: string, start: number, stop: number): string {
  const characters = [...token];
  let from = 0;
  while (from < start && characters[from] === content) from++;
  let to = characters.length;
  while (characters.length - to < stop && to > from && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}

/** English spacing, as BERT's tokenizer undoes it. */
function cleaned(text: string): string {
  return text.replaceAll(" .", ".").replaceAll(" ?", "?").replaceAll(" !", "!")
    .replaceAll(" ,", ",").replaceAll(" ' ", "'").replaceAll(" n't", "n't").replaceAll(" 'm", "'m")
    .replaceAll(" do not", " don't").replaceAll(" 's", "'s").replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");
}
