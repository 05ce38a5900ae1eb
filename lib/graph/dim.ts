/**
 * The extent of one axis: a number, or a symbolic expression over sizes known only when the graph runs.
 *
 * Expressions are sums of products of names, such as `"batch"`, `"batch*time"` or `"past+time"`, always in
 * one canonical spelling, so that equal extents are equal strings.
 */
export type Dim = number | string;

/** The extents of all axes, outermost first. */
export type Shape = readonly Dim[];

/** A polynomial with integer coefficients: monomial (sorted names joined by `*`, `""` for 1) → coefficient. */
export type Polynomial = ReadonlyMap<string, number>;

export function polynomialOf(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  const terms = new Map<string, number>();
  for (const term of dim.split("+")) {
    const factors = term.split("*");
    const coefficient = /^-?\d+$/.test(factors[0]) ? Number(factors.shift()) : 1;
    const monomial = factors.sort().join("*");
    terms.set(monomial, (terms.get(monomial) ?? 0) + coefficient);
  }
  return terms;
}

/** The names in a monomial, `batch*time`. */
export function namesOf(monomial: string): string[] {
  return monomial.split("*").filter((name) => name);
}

/** The names in an extent, which may come more than once. */
export function namesIn(dim: Dim): string[] {
  return [...polynomialOf(dim).keys()].flatMap(namesOf);
}

function dimOf(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0).sort();
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0][0] === "") return terms[0][1];
  return terms.map(([monomial, coefficient]) =>
    monomial === "" ? `${coefficient}` : coefficient === 1 ? monomial : `${coefficient}*${monomial}`
  ).join("+");
}

/** The extent of several axes laid out as one: `multiply("batch", "time")` is `"batch*time"`. */
export function multiply(...dims: Dim[]): Dim {
  let product: Polynomial = new Map([["", 1]]);
  for (const dim of dims) {
    const next = new Map<string, number>();
    for (const [a, x] of product) {
      for (const [b, y] of polynomialOf(dim)) {
        const monomial = [...namesOf(a), ...namesOf(b)].sort().join("*");
        next.set(monomial, (next.get(monomial) ?? 0) + x * y);
      }
    }
    product = next;
  }
  return dimOf(product);
}

/** The extents that a product of names is made of, `batch` and `time` of `batch*time`; any other extent is its only factor. */
export function factorsOf(dim: Dim): Dim[] {
  const terms = [...polynomialOf(dim)];
  const [[monomial, coefficient]] = terms.length === 1 ? terms : [["", 0] as const];
  return monomial !== "" && coefficient === 1 ? namesOf(monomial) : [dim];
}

/** The extent of axes laid end to end: `plus("past", "time")` is `"past+time"`. */
export function plus(...dims: Dim[]): Dim {
  const sum = new Map<string, number>();
  for (const dim of dims) {
    for (const [monomial, x] of polynomialOf(dim)) sum.set(monomial, (sum.get(monomial) ?? 0) + x);
  }
  return dimOf(sum);
}

/** An extent in its canonical spelling: `"time*batch"` becomes `"batch*time"`. */
export function canonical(dim: Dim): Dim {
  return plus(dim);
}

/** What is left of an extent after taking `b` away: `minus("past+time", "past")` is `"time"`. */
export function minus(a: Dim, b: Dim): Dim {
  return plus(a, multiply(-1, b));
}

/** The size of an extent where those of its names are known; undefined where they are not. */
export function evaluate(dim: Dim, sizes: ReadonlyMap<Dim, number>): number | undefined {
  if (typeof dim === "number") return dim;
  const known = sizes.get(dim);
  if (known !== undefined) return known;
  let sum = 0;
  for (const [monomial, coefficient] of polynomialOf(dim)) {
    let term = coefficient;
    for (const name of namesOf(monomial)) {
      const size = sizes.get(name);
      if (size === undefined) return undefined;
      term *= size;
    }
    sum += term;
  }
  return sum;
}

/** The number of elements of a shape. */
export function sizeOf(shape: Shape): Dim {
  return multiply(...shape);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/**
 * The shape two operands broadcast to, as NumPy and ONNX define it; a symbolic extent broadcasts with
 * itself and with 1 only.
 *
 * @throws {RangeError} where the shapes do not fit; names the op and both shapes.
 */
export function broadcast(op: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number): Dim => shape[axis - (rank - shape.length)] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [x, y] = [at(a, axis), at(b, axis)];
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new RangeError(
      `${op}: shapes ${showShape(a)} and ${
        showShape(b)
      } do not broadcast: axis ${axis} is ${x} in one and ${y} in the other.`,
    );
  });
}

/** A non-negative axis number; `axis` may count from the end. @throws {RangeError} if there is no such axis. */
export function axisOf(op: string, axis: number, shape: Shape): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= shape.length) {
    throw new RangeError(`${op}: axis ${axis} does not exist in shape ${showShape(shape)}.`);
  }
  return positive;
}
