import { toRegExp } from "oniguruma-to-es";
import { isObject } from "./json.ts";

/** What Hugging Face's tokenizers call white space: it holds U+0085 and not U+FEFF, other than JavaScript's `\s`. */
const space = "\\p{White_Space}";

/** Letters of words as the regular expressions of Rust know them. */
export const wordCharacters = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";

const begin = new RegExp(`^${space}+`, "u");
const end = new RegExp(`${space}+$`, "u");

/** A text without the white space before it. */
export function trimStart(text: string): string {
  return text.replace(begin, "");
}

/** A text without the white space after it. */
export function trimEnd(text: string): string {
  // a search from every blank on would take the square of a long run of them
  let length = text.length;
  while (length > 0 && isSpace(text[length - 1])) length--;
  return text.slice(0, length);
}

function isSpace(character: string): boolean {
  return end.test(character);
}

/**
 * A pattern of `tokenizer.json`, `{String}` as it stands or `{Regex}` in Oniguruma's language, as a regular expression
 * that finds all matches.
 *
 * @throws {Error} if it is no pattern, or has no equal in JavaScript.
 */
export function patternOf(json: unknown): RegExp {
  if (isObject(json) && typeof json.String === "string") {
    return new RegExp(json.String.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "gu");
  }
  if (isObject(json) && typeof json.Regex === "string") {
    return toRegExp(withWords(json.Regex), { global: true, rules: { captureGroup: true } });
  }
  throw new Error("a pattern must have a String or a Regex");
}

/** What `\\w` holds in Oniguruma; outside of brackets it holds the numbers of Latin-1 as well. */
const onigurumaWord = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";

/** A pattern in which letters of words are spelled out, since the translation has other ones. */
function withWords(pattern: string): string {
  let depth = 0;
  return pattern.replace(/\\[\s\S]|\[|\]/g, (sign) => {
    if (sign === "[") depth++;
    else if (sign === "]") depth = Math.max(0, depth - 1);
    else if (sign === "\\w") return depth > 0 ? onigurumaWord : `[${onigurumaWord}²³¹¼-¾]`;
    else if (sign === "\\W") return depth > 0 ? `[^${onigurumaWord}]` : `[^${onigurumaWord}²³¹¼-¾]`;
    return sign;
  });
}
