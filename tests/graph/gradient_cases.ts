import fc from "fast-check";
import { type Dim, evaluate, multiply, plus, type Shape } from "../../lib/graph/dim.ts";
import {
  add,
  cast,
  concat,
  cos,
  cumSum,
  div,
  erf,
  exp,
  expand,
  gather,
  geluTanh,
  gemm,
  identity,
  layerNormalization,
  log,
  matmul,
  mul,
  type ops,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  rmsNormalization,
  sigmoid,
  sin,
  slice,
  softmax,
  split,
  sqrt,
  sub,
  tanh,
  transpose,
  unsqueeze,
  where,
} from "../../lib/graph/ops/mod.ts";
import { constant, input, type Tensor } from "../../lib/graph/tensor.ts";
import { integers, valueOf } from "../../lib/runtime/value.ts";
import type { GradientCase, Operand } from "./numeric_gradient.ts";

type Float = Tensor<"float32">;

const names = ["a", "b", "c", "d"];

/** Sizes of names, and shapes of those names or of plain numbers. */
const sizes: fc.Arbitrary<ReadonlyMap<Dim, number>> = fc.array(fc.integer({ min: 1, max: 4 }), {
  minLength: names.length,
  maxLength: names.length,
}).map((list) => new Map(names.map((name, i) => [name, list[i]])));

/** Some of the names' extents as names, the others as numbers. */
const extentsIn = (sizes: ReadonlyMap<Dim, number>) =>
  fc.tuple(...names.map((name) => fc.constantFrom<Dim[]>(name, sizes.get(name)!)));

interface Drawn {
  readonly sizes: ReadonlyMap<Dim, number>;
  readonly shape: Dim[];
}

/** A shape of `minimum` … 4 axes. */
const shapes = (minimum = 0): fc.Arbitrary<Drawn> =>
  sizes.chain((sizes) =>
    fc.tuple(extentsIn(sizes), fc.integer({ min: minimum, max: names.length }))
      .map(([extents, rank]) => ({ sizes, shape: extents.slice(0, rank) }))
  );

/** Draws a case from `rule` for a random shape. */
const over = (
  minimum: number,
  rule: (drawn: Drawn) => fc.Arbitrary<GradientCase>,
): fc.Arbitrary<GradientCase> => shapes(minimum).chain(rule);

const axisIn = (shape: Shape) => fc.integer({ min: -shape.length, max: shape.length - 1 });

const someAxes = (shape: Shape) =>
  fc.subarray(shape.map((_, axis) => axis), { minLength: 1 }).chain((axes) =>
    fc.boolean().map((fromEnd) => fromEnd ? axes.map((axis) => axis - shape.length) : axes)
  );

/** A shape that broadcasts to `shape`: some leading axes gone, some others 1. */
const broadcastable = (shape: Shape): fc.Arbitrary<Dim[]> =>
  fc.tuple(
    fc.integer({ min: 0, max: shape.length }),
    fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
  ).map(([gone, ones]) => shape.map((dim, axis) => ones[axis] ? 1 : dim).slice(gone));

function unary(op: (x: Float) => Float, positive = false): fc.Arbitrary<GradientCase> {
  return over(
    0,
    ({ sizes, shape }) =>
      fc.constant({ sizes, operands: [{ shape, positive }], build: ([x]) => op(x) }),
  );
}

/** Two operands that broadcast against each other, or one operand and a number, or one operand twice. */
function binary(
  op: (a: Float | number, b: Float | number) => Float,
  positive = false,
): fc.Arbitrary<GradientCase> {
  const two = over(
    0,
    ({ sizes, shape }) =>
      fc.tuple(broadcastable(shape), broadcastable(shape)).map(([a, b]): GradientCase => ({
        sizes,
        operands: [{ shape: a }, { shape: b, positive }],
        build: ([a, b]) => op(a, b),
      })),
  );
  const one = (op: (x: Float) => Float) => unary(op, positive);
  return fc.oneof(
    { weight: 3, arbitrary: two },
    { weight: 1, arbitrary: one((x) => op(x, 1.5)) },
    { weight: 1, arbitrary: one((x) => op(1.5, x)) },
    { weight: 1, arbitrary: one((x) => op(x, x)) },
  );
}

const transposed = (shape: Shape, flag: boolean): Dim[] =>
  flag ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : [...shape];

const productOptions = fc.record({
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  alpha: fc.constantFrom(1, 0.5, -2),
});

const Gemm = sizes.chain((sizes) =>
  fc.tuple(extentsIn(sizes), productOptions).chain(([[m, n, p], options]) => {
    const { transposeA, transposeB } = options;
    const operands: Operand[] = [
      { shape: transposed([m, n], transposeA) },
      { shape: transposed([n, p], transposeB) },
    ];
    const plain: GradientCase = { sizes, operands, build: ([a, b]) => gemm(a, b, options) };
    const biased = broadcastable([m, p]).map((shape): GradientCase => ({
      sizes,
      operands: [...operands, { shape }],
      build: ([a, b, bias]) => gemm(a, b, { ...options, bias }),
    }));
    const squared: GradientCase = {
      sizes,
      operands: [{ shape: [m, m] }],
      build: ([a]) => gemm(a, a, options),
    };
    return fc.oneof({ weight: 2, arbitrary: biased }, fc.constant(plain), fc.constant(squared));
  })
);

/** Products of batches of matrices that broadcast, or of matrices alone. */
const FusedMatMul = sizes.chain((sizes) =>
  fc.tuple(extentsIn(sizes), productOptions, fc.constantFrom(1, 2, 3)).chain(
    ([[m, n, p, batch], options, batches]) => {
      const outer: Dim[] = [batch, 2].slice(0, batches - 1);
      return fc.tuple(broadcastable(outer), broadcastable(outer)).map(([a, b]): GradientCase => ({
        sizes,
        operands: [
          { shape: transposed([...a, m, n], options.transposeA) },
          { shape: transposed([...b, n, p], options.transposeB) },
        ],
        build: ([a, b]) => matmul(a, b, options),
      }));
    },
  )
);

const Concat = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(
      axisIn(shape),
      fc.array(fc.constantFrom<Dim[]>(...names, 1, 3), {
        minLength: 2,
        maxLength: 3,
      }),
    ).map(([axis, parts]): GradientCase => ({
      sizes,
      operands: parts.map((part) => ({ shape: shape.with(axis, part) })),
      build: (operands) => concat(operands, axis),
    })),
);

/** Stretches between bounds that are numbers, names or sums of names. */
const Slice = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(axisIn(shape), fc.constantFrom<Dim[]>(0, 1, "a", "b"), fc.constantFrom<Dim[]>(1, "c"))
      .chain(([axis, before, length]) =>
        fc.constantFrom<Dim[]>(0, 2, "d").map((after): GradientCase => {
          const end = plus(before, length);
          // names that no axis of x has by itself must be known from elsewhere
          const known = names.map((name) => ({ shape: [name] }));
          return {
            sizes,
            operands: [{ shape: shape.with(axis, plus(end, after)) }, ...known],
            build: ([x, ...known]) =>
              known.reduce(
                (sum, one) => add(sum, reduceSum(one, [0])),
                slice(x, axis, before, end),
              ),
          };
        })
      ),
);

const Split = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(axisIn(shape), fc.integer({ min: 2, max: 3 }), fc.integer({ min: 1, max: 2 }))
      .chain(([axis, parts, size]) =>
        // some parts are not used: their gradient is zeros
        fc.subarray(Array.from({ length: parts }, (_, i) => i), { minLength: 1 }).map(
          (used): GradientCase => ({
            sizes,
            operands: [{ shape: shape.with(axis, parts * size) }],
            build: ([x]) => {
              const cut = split(x, axis, parts);
              return used.map((i) => mul(cut[i], i + 1)).reduce((a, b) => add(a, b));
            },
          }),
        )
      ),
);

const Expand = over(0, ({ sizes, shape }) =>
  broadcastable(shape).map((from): GradientCase => ({
    sizes,
    // the second operand makes the extents known
    operands: [{ shape: from }, { shape }],
    build: ([x, like]) => add(expand(x, shape), like),
  })));

const Gather = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(), { minLength: 6, maxLength: 6 }))
      .map(([rows, drawn]): GradientCase => ({
        sizes,
        operands: [{ shape: [rows, ...shape.slice(1)] }],
        // six reads of at most four rows: some are read more than once
        feeds: { indices: integers([2, 3], drawn.map((i) => i % rows)) },
        build: ([table]) => gather(table, input("indices", "int64", ["i", 3])),
      })).map((one) => ({ ...one, sizes: new Map([...one.sizes, ["i", 2]]) })),
);

const LayerNormalization = over(
  0,
  ({ sizes, shape }) =>
    fc.tuple(fc.integer({ min: 4, max: 6 }), fc.constantFrom(1e-5, 0.1)).map(
      ([width, epsilon]): GradientCase => ({
        sizes,
        operands: [{ shape: [...shape.slice(0, 2), width] }, { shape: [width] }, {
          shape: [width],
        }],
        build: ([x, scale, bias]) => {
          // kept apart, so that no row is close to constant and its deviation to zero
          const apart = Array.from({ length: width }, (_, i) => 4 * i);
          return layerNormalization(
            add(x, constant("float32", [width], apart)),
            scale,
            bias,
            epsilon,
          );
        },
      }),
    ),
);

const SimplifiedLayerNormalization = over(
  0,
  ({ sizes, shape }) =>
    fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(1e-5, 0.1)).map(
      ([width, epsilon]): GradientCase => ({
        sizes,
        operands: [{ shape: [...shape.slice(0, 2), width] }, { shape: [width] }],
        // kept away from 0, and its root mean square with it
        build: ([x, scale]) => rmsNormalization(add(x, 3), scale, epsilon),
      }),
    ),
);

const ReduceSum = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(someAxes(shape), fc.boolean()).map(([axes, keep]): GradientCase => ({
      sizes,
      operands: [{ shape }],
      build: ([x]) => reduceSum(x, axes, { keep }),
    })),
);

const ReduceMean = over(1, ({ sizes, shape }) =>
  someAxes(shape).map((axes): GradientCase => ({
    sizes,
    operands: [{ shape }],
    build: ([x]) => reduceMean(x, axes),
  })));

const Reshape = over(
  1,
  ({ sizes, shape }) =>
    fc.integer({ min: 0, max: shape.length }).map((from): GradientCase => ({
      sizes,
      operands: [{ shape }],
      build: ([x]) => reshape(x, [...shape.slice(0, from), multiply(...shape.slice(from)), 1]),
    })),
);

const Softmax = over(1, ({ sizes, shape }) =>
  axisIn(shape).map((axis): GradientCase => ({
    sizes,
    operands: [{ shape }],
    build: ([x]) => softmax(x, axis),
  })));

const CumSum = over(
  1,
  ({ sizes, shape }) =>
    fc.tuple(axisIn(shape), fc.boolean(), fc.boolean()).map((
      [axis, exclusive, reverse],
    ): GradientCase => ({
      sizes,
      operands: [{ shape }],
      build: ([x]) => cumSum(x, axis, { exclusive, reverse }),
    })),
);

const Transpose = over(
  1,
  ({ sizes, shape }) =>
    fc.shuffledSubarray(shape.map((_, axis) => axis), { minLength: shape.length }).map(
      (perm): GradientCase => ({
        sizes,
        operands: [{ shape }],
        build: ([x]) => transpose(x, perm),
      }),
    ),
);

const Unsqueeze = over(
  0,
  ({ sizes, shape }) =>
    fc.subarray([...shape, 1].map((_, axis) => axis), { minLength: 1 }).map((
      axes,
    ): GradientCase => ({
      sizes,
      operands: [{ shape }],
      build: ([x]) => unsqueeze(x, axes),
    })),
);

const Where = over(0, ({ sizes, shape }) =>
  fc.tuple(
    broadcastable(shape),
    broadcastable(shape),
    broadcastable(shape),
    fc.uint8Array({ max: 1, minLength: 256, maxLength: 256 }),
    fc.constantFrom("two tensors", "a number", "a number else"),
  ).map(([a, b, side, drawn, form]): GradientCase => {
    const dims = side.map((dim) => evaluate(dim, sizes)!);
    const size = dims.reduce((product, extent) => product * extent, 1);
    const condition = input("condition", "bool", side);
    return {
      sizes,
      operands: form === "two tensors" ? [{ shape: a }, { shape: b }] : [{ shape: a }],
      feeds: { condition: valueOf("bool", dims, drawn.slice(0, size)) },
      build: ([x, y]) =>
        form === "two tensors"
          ? where(condition, x, y)
          : form === "a number"
          ? where(condition, 0.5, x)
          : where(condition, x, 0.5),
    };
  }));

/** Random applications of each differentiable op, by its name. */
export const cases: { readonly [name in keyof typeof ops]?: fc.Arbitrary<GradientCase> } = {
  Add: binary(add),
  // through the double of x, so that the way back passes both types
  Cast: unary((x) => cast(mul(cast(x, "float64"), cast(x, "float64")), "float32")),
  Concat,
  Cos: unary(cos),
  CumSum,
  Div: binary(div, true),
  Erf: unary(erf),
  Exp: unary(exp),
  Expand,
  FusedMatMul,
  Gather,
  Gelu: unary(geluTanh),
  Identity: unary(identity),
  Gemm,
  LayerNormalization,
  Log: unary(log, true),
  Mul: binary(mul),
  ReduceMean,
  ReduceSum,
  // away from 0, on either side
  Relu: unary((x) => sub(relu(x), relu(mul(x, -1))), true),
  Reshape,
  Sigmoid: unary(sigmoid),
  SimplifiedLayerNormalization,
  Sin: unary(sin),
  Slice,
  Softmax,
  Split,
  Sqrt: unary(sqrt, true),
  Sub: binary(sub),
  Tanh: unary(tanh),
  Transpose,
  Unsqueeze,
  Where,
};
