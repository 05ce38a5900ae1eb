/** How many rows an error names. */
const mostNamed = 8;

/** Rows by their numbers, as an error names them: "2, 5, 9" or "1, 2, 3, 4, 5, 6, 7, 8 and 17 others". */
export function namedRows(rows: readonly number[]): string {
  const named = rows.slice(0, mostNamed).join(", ");
  return rows.length > mostNamed ? `${named} and ${rows.length - mostNamed} others` : named;
}
