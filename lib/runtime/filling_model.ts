import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TypeProto_SequenceSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";

// After a run onnxruntime-node 1.30.0 makes a tensor of every output, one after the other, and copies its values; also where
// the run wrote them into a tensor that it was given. For a model of 124 million parameters that is a gigabyte a step. It
// stops at the first output that is no tensor.

/** The name of the output that is no tensor. */
export const noTensor = "no tensor";

/** What is thrown when the results of a run are given out, when they are already where they were to be written. */
const refusal = /Non tensor type/;

/** The same model with a first output that is no tensor, so that a run makes no copies of the others. */
export function fillingModel(model: Uint8Array): Uint8Array {
  const changed = fromBinary(ModelProtoSchema, model);
  const { node, output } = changed.graph!;
  node.push(
    create(NodeProtoSchema, { name: noTensor, opType: "SequenceEmpty", output: [noTensor] }),
  );
  const floats = create(TypeProtoSchema, {
    value: {
      case: "tensorType",
      value: create(TypeProto_TensorSchema, { elemType: TensorProto_DataType.FLOAT }),
    },
  });
  const sequence = create(TypeProtoSchema, {
    value: { case: "sequenceType", value: create(TypeProto_SequenceSchema, { elemType: floats }) },
  });
  output.unshift(create(ValueInfoProtoSchema, { name: noTensor, type: sequence }));
  return toBinary(ModelProtoSchema, changed);
}

/** Waits for a run of such a model. @throws what ended the run before its results were written. */
export async function untilFilled(run: Promise<unknown>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!refusal.test((error as Error).message)) throw error;
  }
}
