/** Where texts begin and end, what is escaped, and the words that Python's json module writes for numbers JSON has no name for. */
const tokens = /"|\\.|-?\b(?:NaN|Infinity)\b/g;

/** The mark that some editors put before a text, which JSON has not. */
const byteOrderMark = "\ufeff";

/** Lists and objects within each other; deeper ones are nobody's data, and make a stack of calls overflow. */
const mostDepth = 512;

/**
 * What a JSON text holds, a byte order mark before it or not, with NaN, Infinity and −Infinity as Python's `json.dumps` writes them.
 *
 * @throws {SyntaxError} if it is not JSON, or nests deeper than 512 levels.
 */
export function parseJson(given: string): unknown {
  const text = given.startsWith(byteOrderMark) ? given.slice(1) : given;
  // as many levels take twice as many characters
  if (text.length > 2 * mostDepth && isDeep(text)) {
    throw new SyntaxError(`it nests deeper than ${mostDepth} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  // a string that the text does not hold stands for each number
  let mark = "number:";
  while (text.includes(mark)) mark = `_${mark}`;
  let isText = false;
  const marked = text.replace(tokens, (token) => {
    if (token === '"') isText = !isText;
    return isText || token === '"' || token.startsWith("\\") ? token : `"${mark}${token}"`;
  });
  const isMarked = (value: unknown): value is string =>
    typeof value === "string" && value.startsWith(mark);
  return JSON.parse(
    marked,
    (_, value) => isMarked(value) ? Number(value.slice(mark.length)) : value,
  );
}

/** Whether brackets that are no part of a text nest too deeply. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a quotation mark
        do {
          at = text.indexOf('"', at + 1);
          if (at < 0) return false;
        } while (isEscaped(text, at));
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > mostDepth) return true;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return false;
}

/** Whether a quotation mark has an odd number of backslashes before it. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}
