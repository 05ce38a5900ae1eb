/** The words of a page, whatever the formatter does with its lines and columns. */
export function wordsOf(markdown: string): string[] {
  return markdown.split(/[\s|]+/).map((word) => word.replace(/^-+:?$/, ""))
    .filter((word) => word !== "");
}
