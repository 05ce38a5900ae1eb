/** Words for numbers, as Python and SQL write them in text files. */
const words: Readonly<Record<string, number | undefined>> = {
  "": NaN,
  nan: NaN,
  true: 1,
  false: 0,
  inf: Infinity,
  "-inf": -Infinity,
  infinity: Infinity,
  "-infinity": -Infinity,
};

/** The number that a value is or spells, 1 and 0 for true and false; NaN where it is missing, undefined where it is neither. */
export function numberOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return NaN;
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const word = words[text.toLowerCase()];
  if (word !== undefined) return word;
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
