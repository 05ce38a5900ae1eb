/** The character that stands for each byte in byte-level tokens: itself if it prints, else one from U+0100 on. */
export const byteCharacters: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(prints ? byte : next++);
  });
})();

const bytes = new Map(byteCharacters.map((character, byte) => [character, byte]));
const encoder = new TextEncoder();

/** A text in which a character stands for each byte of its UTF-8. */
export function byteText(text: string): string {
  let characters = "";
  for (const byte of encoder.encode(text)) characters += byteCharacters[byte];
  return characters;
}

/** The bytes that a token's characters stand for, or those of the token itself if one of them stands for none. */
export function bytesOf(token: string): Iterable<number> {
  const found: number[] = [];
  for (const character of token) {
    const byte = bytes.get(character);
    if (byte === undefined) return encoder.encode(token);
    found.push(byte);
  }
  return found;
}
