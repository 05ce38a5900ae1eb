import { applyOne, defineOp } from "../op.ts";
import { type DType, type FloatType, requireTensor, type Tensor } from "../tensor.ts";

/** ONNX's numbers for element types (TensorProto.DataType). */
export const onnxType: Record<DType, number> = {
  float16: 10,
  float32: 1,
  float64: 11,
  int64: 7,
  uint8: 2,
  bool: 9,
};

export const Cast = defineOp({
  name: "Cast",
  attributes: { to: "int" },
  infer: ([x], { to }) => {
    const dtype = (Object.keys(onnxType) as DType[]).find((name) => onnxType[name] === to)!;
    return [{ dtype, shape: x!.shape }];
  },
  // nothing flows into integers
  gradient: ({ inputs: [x] }, [dy]) => [
    x!.dtype === "float32" || x!.dtype === "float64" ? cast(dy!, x!.dtype as FloatType) : undefined,
  ],
});

/** `x` in another element type. */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  requireTensor("cast", x);
  return x.dtype === dtype ? x as Tensor<D> : applyOne(Cast, [x], { to: onnxType[dtype] });
}
