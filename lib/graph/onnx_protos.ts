import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { onnxType } from "./ops/cast.ts";
import type {
  AttributeKind,
  AttributeValues,
  ConstantData,
  FileRegion,
  TensorType,
} from "./tensor.ts";

/** The ONNX release that all graphs are written for: IR version and opset of ONNX 1.19. */
export const irVersion = 11n;
export const opsetVersion = 23n;
/** The opset of models for a GPU: WebGPU's provider has the sine and cosine of no later one. All ops are the same in both. */
export const deviceOpsetVersion = 21n;

/** The bytes of a model. Ops of ONNX Runtime's own domain may be in it. */
export function modelBytes(
  { opset, nodes, initializers, inputs, outputs }: {
    opset: bigint;
    nodes: NodeProto[];
    initializers: TensorProto[];
    inputs: ValueInfoProto[];
    outputs: ValueInfoProto[];
  },
): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: "", version: opset }),
      create(OperatorSetIdProtoSchema, { domain: "com.microsoft", version: 1n }),
    ],
    producerName: "armature",
    graph: create(GraphProtoSchema, {
      name: "armature",
      node: nodes,
      initializer: initializers,
      input: inputs,
      output: outputs,
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

/** A value that is a part of the model. */
export function constantProto(
  name: string,
  { dtype, shape }: TensorType,
  data: ConstantData,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: onnxType[dtype],
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  });
}

/** A value that stays in its file, below the given folder. */
export function weightProto(
  name: string,
  { dtype, shape }: TensorType,
  region: FileRegion,
  folder: string,
): TensorProto {
  const entries = {
    location: region.path.slice(folder.length + 1).replaceAll("\\", "/"),
    offset: String(region.offset),
    length: String(region.byteLength),
  };
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: onnxType[dtype],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(entries).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value })
    ),
  });
}

/** What a graph takes or returns. */
export function valueInfoProto(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof extent === "number"
        ? { case: "dimValue", value: BigInt(extent) }
        : { case: "dimParam", value: extent },
    })
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, {
      value: {
        case: "tensorType",
        value: create(TypeProto_TensorSchema, {
          elemType: onnxType[dtype],
          shape: create(TensorShapeProtoSchema, { dim }),
        }),
      },
    }),
  });
}

/** @param value of the kind's type; a graph is given as it is written. */
export function attributeProto(
  name: string,
  kind: AttributeKind,
  value: AttributeValues[AttributeKind] | GraphProto,
): AttributeProto {
  switch (kind) {
    case "int":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INT,
        i: BigInt(value as number),
      });
    case "ints":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.INTS,
        ints: (value as readonly number[]).map(BigInt),
      });
    case "float":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.FLOAT,
        f: value as number,
      });
    case "string":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.STRING,
        s: new TextEncoder().encode(value as string),
      });
    case "graph":
      return create(AttributeProtoSchema, {
        name,
        type: AttributeProto_AttributeType.GRAPH,
        g: value as GraphProto,
      });
  }
}

/** What nodes read, those of graphs within them included. */
export function namesReadBy(nodes: readonly NodeProto[]): Set<string> {
  return new Set(nodes.flatMap(({ input, attribute }) => [
    ...input,
    ...attribute.flatMap(({ g }) => g ? [...namesReadBy(g.node)] : []),
  ]));
}
