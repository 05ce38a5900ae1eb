/** Words for numbers, as Python, R and SQL write them in text files; NaN for what is missing. */
const words: Readonly<Record<string, number>> = {
  "": NaN,
  nan: NaN,
  null: NaN,
  none: NaN,
  na: NaN,
  "n/a": NaN,
  "<na>": NaN,
  "\\n": NaN,
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
  const name = text.toLowerCase();
  if (Object.hasOwn(words, name)) return words[name];
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
