import { byteText } from "./byte_characters.ts";
import { type JsonObject, objectsIn, textIn, unknownType } from "./json.ts";
import { patternOf, trimEnd, trimStart } from "./pattern.ts";
import { precompiled } from "./precompiled.ts";

/** What a text is turned into before it is split. */
export type Normalize = (text: string) => string;

/** A normalizer of `tokenizer.json`. @throws {Error} if it is not known. */
export function normalizerOf(json: JsonObject): Normalize {
  switch (json.type) {
    case "Sequence": {
      const all = objectsIn(json.normalizers, "normalizers").map(normalizerOf);
      return (text) => all.reduce((normal, normalize) => normalize(normal), text);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = json.type;
      return (text) => text.normalize(form);
    }
    case "Lowercase":
      return lowercase;
    case "Strip": {
      const { strip_left: left, strip_right: right } = json;
      return (text) => {
        const stripped = left ? trimStart(text) : text;
        return right ? trimEnd(stripped) : stripped;
      };
    }
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    case "Prepend": {
      const before = textIn(json.prepend, "prepend");
      return (text) => text === "" ? "" : before + text;
    }
    case "Replace": {
      const pattern = patternOf(json.pattern);
      const content = textIn(json.content, "content");
      return (text) => text.replace(pattern, () => content);
    }
    case "ByteLevel":
      return byteText;
    case "Nmt":
      return nmt;
    case "Precompiled":
      return precompiled(textIn(json.precompiled_charsmap, "precompiled_charsmap"));
    case "BertNormalizer":
      return bert(json);
    default:
      return unknownType("normalizer", json);
  }
}

/** Character by character, so that a sigma at the end of a word is as any other. */
function lowercase(text: string): string {
  let lower = "";
  for (const character of text) lower += character.toLowerCase();
  return lower;
}

const nmtDropped = /(?![\0\t\n\f\r\u0080-\u008E\u0090-\u009E])\p{Cc}/gu;
const nmtSpaces = /[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/gu;

function nmt(text: string): string {
  return text.replace(nmtDropped, "").replace(nmtSpaces, " ");
}

const bertDropped = /(?![\t\n\r])[\0\uFFFD\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;
const chinese = new RegExp(
  "[\\u4E00-\\u9FFF\\u3400-\\u4DBF\\u{20000}-\\u{2A6DF}\\u{2A700}-\\u{2B73F}\\u{2B740}-\\u{2B81F}" +
    "\\u{2B920}-\\u{2CEAF}\\uF900-\\uFAFF\\u{2F800}-\\u{2FA1F}]",
  "gu",
);

function bert(json: JsonObject): Normalize {
  const lower = json.lowercase ?? true;
  const strips = json.strip_accents ?? lower;
  return (text) => {
    let normal = text;
    if (json.clean_text ?? true) {
      normal = normal.replace(bertDropped, "").replace(/\p{White_Space}/gu, " ");
    }
    if (json.handle_chinese_chars ?? true) normal = normal.replace(chinese, " $& ");
    if (strips) normal = normal.normalize("NFD").replace(/\p{Mn}/gu, "");
    return lower ? lowercase(normal) : normal;
  };
}
