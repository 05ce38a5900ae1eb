import { create, toBinary } from "@bufbuild/protobuf";
import {
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import type * as ort from "onnxruntime-node";
import { irVersion, opsetVersion } from "../graph/onnx_protos.ts";
import { createSession } from "../runtime/create_session.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { integers, rowsOf, type Value } from "../runtime/value.ts";

/** The element types of caches, with ONNX's numbers for them; our own graphs have no float16. */
const elementTypes = { float32: 1, float16: 10 } as const;

/**
 * The named rows of a cache, `[rows, …]`, in that order; a row may be named more than once. What is on the device
 * stays there. The cache itself is left to the caller.
 */
export async function cacheRows(
  value: Value,
  rows: readonly number[],
  device: DeviceName,
): Promise<Value> {
  if (value.location === "cpu") return rowsOf(value, rows);
  const { type, dims } = value;
  const session = await gatherSession(type as keyof typeof elementTypes, dims.length, device);
  return (await session.run({ x: value, rows: integers([rows.length], rows) })).y as Value;
}

/** One session a device, element type and rank. They live as long as the process. */
const sessions = new Map<string, Promise<ort.InferenceSession>>();

function gatherSession(type: keyof typeof elementTypes, rank: number, device: DeviceName) {
  const key = [device, type, rank].join(" ");
  const known = sessions.get(key);
  if (known) return known;
  const session = createSession(device, gatherModel(elementTypes[type], rank), {
    preferredOutputLocation: "gpu-buffer",
  });
  sessions.set(key, session);
  return session;
}

/** y = Gather(x, rows): the rows of `x`, of any extents, picked on the device. */
function gatherModel(elemType: number, rank: number): Uint8Array {
  const axes = Array.from({ length: rank - 1 }, (_, axis) => `n${axis}`);
  const graph = create(GraphProtoSchema, {
    name: "rows",
    node: [create(NodeProtoSchema, { opType: "Gather", input: ["x", "rows"], output: ["y"] })],
    input: [typed("x", elemType, ["all", ...axes]), typed("rows", 7, ["rows"])],
    output: [typed("y", elemType, ["rows", ...axes])],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { version: opsetVersion })];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion, opsetImport, graph }),
  );
}

function typed(name: string, elemType: number, extents: readonly string[]) {
  const dim = extents.map((dimParam) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimParam", value: dimParam } })
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const value = create(TypeProto_TensorSchema, { elemType, shape });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value } }),
  });
}
