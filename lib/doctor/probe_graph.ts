import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType as ElementType,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { irVersion, opsetVersion } from "../graph/onnx_protos.ts";
import { Random } from "../random.ts";

/** The element types that a device is measured in; the library's own graphs have none of 16 bits. */
export const probeTypes = ["float32", "float16", "bfloat16"] as const;
export type ProbeType = typeof probeTypes[number];

const elementTypes: Record<ProbeType, number> = {
  float32: ElementType.FLOAT,
  float16: ElementType.FLOAT16,
  bfloat16: ElementType.BFLOAT16,
};

/** What a probe does with a square matrix over and over: multiply by it, or add a number to it. */
export type ProbeWork = "multiply" | "add";

/**
 * An ONNX model that takes `scale` [1] and gives `y` [1, 1], one element of the last result: `turns` times in a chain
 * `x ← x A`, or `x ← x + scale`, from `x = scale · A` on, with A [size, size] within the model. Nothing of it is known
 * before it runs, and little crosses to the device and back.
 */
export function probeGraph(
  work: ProbeWork,
  type: ProbeType,
  size: number,
  turns: number,
): Uint8Array {
  const node = (opType: string, input: string[], output: string, to?: ProbeType) =>
    create(NodeProtoSchema, {
      name: output,
      opType,
      input,
      output: [output],
      attribute: to === undefined ? [] : [
        create(AttributeProtoSchema, {
          name: "to",
          type: AttributeProto_AttributeType.INT,
          i: BigInt(elementTypes[to]),
        }),
      ],
    });
  const nodes = [
    node("Cast", ["matrix"], "a", type),
    node("Cast", ["scale"], "s", type),
    node("Mul", ["matrix", "scale"], "scaled"),
    node("Cast", ["scaled"], "x0", type),
  ];
  for (let turn = 0; turn < turns; turn++) {
    const input = [`x${turn}`, work === "multiply" ? "a" : "s"];
    nodes.push(node(work === "multiply" ? "MatMul" : "Add", input, `x${turn + 1}`));
  }
  nodes.push(node("Slice", [`x${turns}`, "begin", "end"], "corner"));
  nodes.push(node("Cast", ["corner"], "y", "float32"));
  const initializer = [
    tensor("matrix", [size, size], ElementType.FLOAT, matrix(size)),
    tensor("begin", [2], ElementType.INT64, new BigInt64Array(2)),
    tensor("end", [2], ElementType.INT64, BigInt64Array.of(1n, 1n)),
  ];
  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [create(OperatorSetIdProtoSchema, { version: opsetVersion })],
    graph: create(GraphProtoSchema, {
      name: `${work} in ${type}`,
      node: nodes,
      initializer,
      input: [floatInfo("scale", [1])],
      output: [floatInfo("y", [1, 1])],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** Random numbers whose products of matrices stay of one size; a block of them is repeated. */
function matrix(size: number): Float32Array {
  const random = new Random(0, "matrix");
  const block = Float32Array.from({ length: 65_537 }, () => random.uniform() - 0.5);
  const scale = Math.sqrt(12 / size);
  return new Float32Array(size * size).map((_, i) => scale * block[i % block.length]);
}

function tensor(
  name: string,
  dims: readonly number[],
  dataType: number,
  { buffer }: Float32Array | BigInt64Array,
) {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType,
    rawData: new Uint8Array(buffer as ArrayBuffer),
  });
}

function floatInfo(name: string, dims: readonly number[]) {
  const dim = dims.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: { case: "dimValue", value: BigInt(extent) },
    })
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, { elemType: ElementType.FLOAT, shape }),
      },
    }),
  });
}
