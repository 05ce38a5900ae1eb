/** What is to come out of an operation that makes much of little, as far as its operands are known. */
export interface Growth {
  /**
   * Takes the value of an operand, and its size in characters.
   *
   * @returns about how many characters the operation would make; undefined while that is not known.
   */
  see(node: unknown, value: unknown, size: number): number | undefined;
}

/** The characters that an operation makes of a text or list of a size and of the plain values of its arguments. */
type Rule = (size: number, values: readonly unknown[]) => number;

const longest = (values: readonly unknown[]): number =>
  values.reduce<number>((most, value) => Math.max(most, String(value).length), 0);

const largest = (values: readonly unknown[]): number =>
  values.reduce<number>((most, value) => Math.max(most, Number(value) || 0), 0);

const replacing: Rule = (size, [old, by]) =>
  (size / Math.max(1, String(old ?? "").length) + 1) * String(by ?? "").length;

/** Filters that make much of little. */
const filters: Readonly<Record<string, Rule>> = {
  // lists count their elements with four characters at least
  join: (size, values) => size * (1 + longest(values) / 4),
  replace: replacing,
  indent: (size, values) => size * (1 + largest(values)),
  tojson: (size, values) => size * (1 + largest(values) / 4) + longest(values) * size / 4,
};

/** What a statement or expression could grow into: one of those filters, or the method `replace`. */
export function growthOf(statement: unknown): Growth | undefined {
  const { type, filter, operand, callee, args } = Object(statement) as Record<string, unknown>;
  if (type === "FilterExpression") {
    const called = Object(filter) as Record<string, unknown>;
    const name = String(Object(called.callee ?? filter).value);
    const rule = Object.hasOwn(filters, name) ? filters[name] : undefined;
    return rule && growthBy(rule, operand, called.args);
  }
  if (type === "CallExpression") {
    const { object, property } = Object(callee) as Record<string, unknown>;
    if (Object(property).value === "replace") return growthBy(replacing, object, args);
  }
}

function growthBy(rule: Rule, operand: unknown, args: unknown): Growth {
  // an argument is given by its place, by its name, or with others as a list
  const nodes = (Array.isArray(args) ? args : []).map((node) => {
    if (node.type === "KeywordArgumentExpression") return node.value;
    return node.argument ?? node;
  });
  const values: unknown[] = nodes.map(() => "");
  let size: number | undefined;
  return {
    see(node, value, sizeOfValue) {
      if (node === operand) size = sizeOfValue;
      const at = nodes.indexOf(node);
      if (at >= 0) values[at] = value;
      if (node !== operand && at < 0 || size === undefined) return undefined;
      return rule(size, values.flatMap(plain));
    },
  };
}

/** The plain values in a runtime value: of a list those of its elements. */
function plain(value: unknown): unknown[] {
  return Array.isArray(value) ? value.map((element) => Object(element).value) : [value];
}
