/**
 * A request's body as text.
 *
 * @param longest bytes that are read at most.
 * @returns nothing where it has more.
 */
export async function bodyText(
  { body }: Request,
  longest: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of body ?? []) {
    length += bytes.length;
    if (length > longest) return undefined;
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}
