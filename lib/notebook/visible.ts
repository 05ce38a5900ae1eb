/**
 * Text with its control characters made visible, so that none of them moves a cursor, colours a terminal or turns the
 * direction of what follows: `ESC` shows as ␛, marks of direction as their code points. Line feeds and tabs stay.
 */
export function visible(text: string): string {
  return text.toWellFormed().replace(
    // deno-lint-ignore no-control-regex
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (sign) => {
      const code = sign.codePointAt(0)!;
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      if (code === 0x7f) return "\u2421";
      return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
    },
  );
}
