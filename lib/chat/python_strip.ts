/** The characters of Python's methods `strip`, `lstrip` and `rstrip`, which take all that are named from both ends, or one. */
export function pythonStrip(text: string, characters: string, sides: StripName): string {
  const taken = new Set(characters);
  const all = [...text];
  let [from, to] = [0, all.length];
  if (sides !== "rstrip") { while (from < to && taken.has(all[from])) from++; }
  if (sides !== "lstrip") { while (to > from && taken.has(all[to - 1])) to--; }
  return all.slice(from, to).join("");
}

const names = ["strip", "lstrip", "rstrip"] as const;
export type StripName = typeof names[number];

/** Which of the three is called with characters, and its operands as nodes of a template. */
export function stripCallOf(
  statement: unknown,
): { name: StripName; object: unknown; characters: unknown } | undefined {
  const { type, callee, args } = Object(statement) as Record<string, unknown>;
  if (type !== "CallExpression" || !Array.isArray(args) || args.length !== 1) return undefined;
  const { object, property } = Object(callee) as Record<string, unknown>;
  const name = names.find((name) => name === Object(property).value);
  return name && object ? { name, object, characters: args[0] } : undefined;
}
