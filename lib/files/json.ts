/** Where texts begin and end, what is escaped, and the words that Python's json module writes for numbers JSON has no name for. */
const tokens = /"|\\.|-?\b(?:NaN|Infinity)\b/g;

/** The mark that some editors put before a text, which JSON has not. */
const byteOrderMark = "\ufeff";

/**
 * What a JSON text holds, a byte order mark before it or not, with NaN, Infinity and −Infinity as Python's `json.dumps` writes them.
 *
 * @throws {SyntaxError} if it is not JSON.
 */
export function parseJson(given: string): unknown {
  const text = given.startsWith(byteOrderMark) ? given.slice(1) : given;
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
