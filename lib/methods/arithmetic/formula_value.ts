import {
  add,
  div,
  greaterOrEqual,
  log,
  maxLast,
  mul,
  type Operand,
  sub,
  where,
} from "../../graph/ops/mod.ts";
import { scalar, type Tensor } from "../../graph/tensor.ts";
import type { Expression } from "./formula.ts";

type Float = Tensor<"float32">;
type Numbers = Operand<"float32">;

/** A formula's value, and the sum of the weights of what it is made of, which may differ from token to token. */
interface Valued {
  readonly value: Float;
  readonly norm: Numbers;
}

/**
 * The logits of a formula: its value over the sum of its weights (Dekoninck et al., 2023, theorem 1), or as it is where that
 * sum is 0 or can be. Of union and intersection each token has the weights of the side that it is taken from.
 *
 * @param of logits or log-probabilities of the leaves, `[…, k]` each.
 */
export function formulaLogits<Leaf>(formula: Expression<Leaf>, of: (leaf: Leaf) => Float): Float {
  const { value, norm } = valued(formula, of);
  return normsOf(formula).some((each) => each === 0) || norm === 1 ? value : div(value, norm);
}

function valued<Leaf>(formula: Expression<Leaf>, of: (leaf: Leaf) => Float): Valued {
  switch (formula.kind) {
    case "leaf":
      return { value: of(formula.leaf), norm: 1 };
    case "sum":
      return sum(formula.terms.map(([weight, each]) => ({ weight, ...valued(each, of) })));
    case "likely": {
      const { value: by } = valued(formula.by, of);
      const least = add(maxLast(by), log(scalar("float32", formula.share)));
      const { value, norm } = valued(formula.of, of);
      return { value: where(greaterOrEqual(by, least), value, -Infinity), norm };
    }
    default: {
      const [one, other] = formula.of.map((each) => valued(each, of));
      const takesOne = formula.kind === "union"
        ? greaterOrEqual(one.value, other.value)
        : greaterOrEqual(other.value, one.value);
      return {
        value: where(takesOne, one.value, other.value),
        norm: one.norm === other.norm
          ? one.norm
          : where(takesOne, asTensor(one.norm), asTensor(other.norm)),
      };
    }
  }
}

const asTensor = (x: Numbers): Float => typeof x === "number" ? scalar("float32", x) : x;

function sum(terms: readonly (Valued & { readonly weight: number })[]): Valued {
  const [first, ...rest] = terms;
  let value = first.weight === 1 ? first.value : mul(first.value, first.weight);
  let norm = times(first.norm, first.weight);
  for (const term of rest) {
    value = term.weight === -1
      ? sub(value, term.value)
      : add(value, term.weight === 1 ? term.value : mul(term.value, term.weight));
    norm = plus(norm, times(term.norm, term.weight));
  }
  return { value, norm };
}

const times = (x: Numbers, weight: number): Numbers =>
  typeof x === "number" ? x * weight : mul(x, weight);

const plus = (a: Numbers, b: Numbers): Numbers =>
  typeof a === "number" && typeof b === "number" ? tidy(a + b) : add(a, b);

/** A sum of decimal fractions without the last bits of their binary ones: 0.1 + 0.2 − 0.3 is 0, 1 + 0.1 − 0.1 is 1. */
const tidy = (x: number): number => Math.round(x * 1e9) / 1e9;

/** All that the sum of a formula's weights can be, of one token or another. */
function normsOf<Leaf>(formula: Expression<Leaf>): number[] {
  switch (formula.kind) {
    case "leaf":
      return [1];
    case "sum":
      return formula.terms.reduce<number[]>(
        (sums, [weight, of]) => [
          ...new Set(sums.flatMap((a) => normsOf(of).map((norm) => tidy(a + weight * norm)))),
        ],
        [0],
      );
    case "likely":
      return normsOf(formula.of);
    default:
      return [...new Set(formula.of.flatMap(normsOf))];
  }
}
