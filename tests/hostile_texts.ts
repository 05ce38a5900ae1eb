/** Texts that do harm, or look like something else, where they are taken for more than text. */
export const hostileTexts: Readonly<Record<string, string>> = {
  markup: '<b>bold</b> <img src=x onerror="alert(1)"> &amp; <!-- ',
  script: "</div></td><script>document.title = 'taken'</script>",
  attribute: `" onmouseover="alert(1)" x='`,
  colours: "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J",
  cursor: "first\rsecond\b\b\u007f\u0000",
  longToken: "antidisestablishmentarianism".repeat(40),
  rightToLeft: "شكرا جزيلا and שלום",
  override: "file\u202egnp.exe\u2066isolate\u200f",
  lines: "one\ntwo\r\nthree\u2028four",
  markdown: "a | b \\| `code` **bold** [link](javascript:alert(1)) ![x](y)",
  halfCharacter: "half \ud83d of a pair",
};
