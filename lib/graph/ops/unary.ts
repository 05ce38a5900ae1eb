import { applyOne, defineOp } from "../op.ts";
import { constant, type FloatType, type Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { greaterOrEqual, where } from "./where.ts";

type Float = Tensor<FloatType>;

const same = ([x]: readonly (Tensor | undefined)[]) => [{ dtype: x!.dtype, shape: x!.shape }];

export const Exp = defineOp({
  name: "Exp",
  attributes: {},
  infer: same,
  // d eˣ = eˣ dx
  gradient: ({ outputs: [y] }, [dy]) => [mul(dy as Float, y as Float)],
});

export const Log = defineOp({
  name: "Log",
  attributes: {},
  infer: same,
  // d ln x = dx / x
  gradient: ({ inputs: [x] }, [dy]) => [div(dy as Float, x as Float)],
});

export const Sqrt = defineOp({
  name: "Sqrt",
  attributes: {},
  infer: same,
  // d √x = dx / 2√x
  gradient: ({ outputs: [y] }, [dy]) => [div(mul(dy as Float, 0.5), y as Float)],
});

export const Sigmoid = defineOp({
  name: "Sigmoid",
  attributes: {},
  infer: same,
  // dσ = σ(1 − σ) dx
  gradient: ({ outputs: [y] }, [dy]) => [
    mul(dy as Float, mul(y as Float, sub(1, y as Float))),
  ],
});

export const Tanh = defineOp({
  name: "Tanh",
  attributes: {},
  infer: same,
  // d tanh x = (1 − tanh² x) dx
  gradient: ({ outputs: [y] }, [dy]) => [
    mul(dy as Float, sub(1, mul(y as Float, y as Float))),
  ],
});

export const Cos = defineOp({
  name: "Cos",
  attributes: {},
  infer: same,
  // d cos x = −sin x dx
  gradient: ({ inputs: [x] }, [dy]) => [mul(mul(dy as Float, sin(x as Float)), -1)],
});

export const Sin = defineOp({
  name: "Sin",
  attributes: {},
  infer: same,
  // d sin x = cos x dx
  gradient: ({ inputs: [x] }, [dy]) => [mul(dy as Float, cos(x as Float))],
});

export const Erf = defineOp({
  name: "Erf",
  attributes: {},
  infer: same,
  // d erf x = 2/√π e^(−x²) dx
  gradient: ({ inputs: [x] }, [dy]) => [
    mul(dy as Float, mul(exp(mul(mul(x as Float, x as Float), -1)), 2 / Math.sqrt(Math.PI))),
  ],
});

export const Relu = defineOp({
  name: "Relu",
  attributes: {},
  infer: same,
  // d max(x, 0) = dx where x > 0
  gradient: ({ inputs: [x] }, [dy]) => [
    where(greaterOrEqual(constant(x!.dtype as "float32", [], [0]), x as Float), 0, dy as Float),
  ],
});

const A = 2 * Math.sqrt(2 / Math.PI);
const B = A * 0.044715;

export const Gelu = defineOp({
  name: "Gelu",
  attributes: { approximate: "string" },
  infer: same,
  // y = x σ(u), u = A x + B x³;  dy/dx = σ + (y − y σ)(A + 3B x²): σ(u) = ½(1 + tanh ½u) is GPT-2's tanh form
  gradient: ({ inputs: [input], outputs: [y] }, [dy]) => {
    const x = input as Float;
    const squares = mul(x, x);
    const sigma = sigmoid(mul(x, add(mul(squares, B), A)));
    const slope = add(mul(squares, 3 * B), A);
    const curved = mul(sub(y as Float, mul(y as Float, sigma)), slope);
    return [mul(dy as Float, add(sigma, curved))];
  },
});

/** eˣ elementwise. */
export function exp<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Exp, [x]);
}

/** Natural logarithm elementwise. */
export function log<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Log, [x]);
}

/** Square root elementwise. */
export function sqrt<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Sqrt, [x]);
}

/** 1 / (1 + e⁻ˣ) elementwise. */
export function sigmoid<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Sigmoid, [x]);
}

/** Hyperbolic tangent elementwise. */
export function tanh<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Tanh, [x]);
}

/** Cosine of radians elementwise. */
export function cos<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Cos, [x]);
}

/** Sine of radians elementwise. */
export function sin<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Sin, [x]);
}

/** The error function elementwise. */
export function erf<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Erf, [x]);
}

/** max(x, 0) elementwise. */
export function relu<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Relu, [x]);
}

/** SiLU, also called swish: x σ(x) elementwise. */
export function silu<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return mul(x, sigmoid(x));
}

/** GELU with the error function: ½x(1 + erf(x/√2)) elementwise. */
export function gelu<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** GELU in its tanh form, Hugging Face's `gelu_new`: ½x(1 + tanh(√(2/π)(x + 0.044715x³))). */
export function geluTanh<D extends FloatType>(x: Tensor<D>): Tensor<D> {
  return applyOne(Gelu, [x], { approximate: "tanh" });
}
