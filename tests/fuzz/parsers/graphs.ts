import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { join } from "node:path";
import { type ModelProto, ModelProtoSchema, type TensorProto } from "onnx-buf";
import { exportBaseModel } from "../../../lib/bases/export_base_model.ts";
import { openTransformersBase } from "../../../lib/bases/transformers_base.ts";
import type { Random } from "../../../lib/random.ts";
import { cpu } from "../../run_graph.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { writeTinyModel } from "../../tiny_models.ts";
import { inFiles } from "../in_files.ts";
import { mutateBytes } from "../mutate.ts";
import { mutateJson } from "../mutate_json.ts";
import type { Input, Parser } from "../parser.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const graphFile = "onnx/model.onnx";
const dataFile = `${graphFile}_data`;

/** Sizes that no tensor of the model has. */
const oddSizes = [
  ...[-1n, 0n, 1n, 3n, 1n << 20n, 1n << 31n, (1n << 31n) - 1n, 1n << 40n, 1n << 62n],
  (1n << 63n) - 1n,
];

/** A graph with one or a few things of another kind, size, place or name. */
function mutateGraph(random: Random, bytes: Bytes): Bytes {
  if (bytes[0] === "{".charCodeAt(0)) return mutateJson(random, bytes);
  const model = readable(bytes);
  if (model === undefined || random.integer(3) === 0) return mutateBytes(random, bytes);
  for (let changes = 1 + random.integer(3); changes > 0; changes--) change(random, model);
  return new Uint8Array(toBinary(ModelProtoSchema, model));
}

function readable(bytes: Bytes): ModelProto | undefined {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch {
    return undefined;
  }
}

function change(random: Random, model: ModelProto): void {
  const { graph } = model;
  const any = <T>(list: readonly T[] | undefined): T | undefined =>
    list?.length ? list[random.integer(list.length)] : undefined;
  const node = any(graph?.node);
  const other = any(graph?.node);
  const size = () => any(oddSizes)!;
  switch (random.integer(8)) {
    case 0:
      if (node) node.opType = any(["Loop", "If", "Scan", "Reshape", other!.opType, "\0"])!;
      return;
    case 1:
      if (node) node.input[random.integer(1 + node.input.length)] = any(other!.output) ?? "";
      return;
    case 2:
      if (node) node.output = [...other!.output];
      return;
    case 3: {
      const attribute = any(node?.attribute);
      if (attribute === undefined) return;
      attribute.i = size();
      attribute.ints = attribute.ints.map(() => size());
      attribute.type = random.integer(14);
      return;
    }
    case 4: {
      const tensor = any(graph?.initializer);
      if (tensor) changeTensor(random, tensor);
      return;
    }
    case 5: {
      const value = any([...graph?.input ?? [], ...graph?.output ?? []]);
      const type = value?.type?.value;
      if (type?.case === "tensorType") type.value.elemType = random.integer(24);
      return;
    }
    case 6:
      model.irVersion = size();
      return;
    default: {
      const domain = any(model.opsetImport);
      if (domain) domain.version = size();
    }
  }
}

function changeTensor(random: Random, tensor: TensorProto): void {
  const entry = tensor.externalData[random.integer(tensor.externalData.length)];
  switch (random.integer(3)) {
    case 0:
      tensor.dims = tensor.dims.map(() => oddSizes[random.integer(oddSizes.length)]);
      return;
    case 1:
      tensor.dataType = random.integer(24);
      return;
    default:
      if (entry === undefined) return;
      entry.value = entry.key === "location"
        ? ["../../place", "/etc/passwd", "..", "", "\0"][random.integer(5)]
        : String(oddSizes[random.integer(oddSizes.length)]);
  }
}

/** The graph of a language model of transformers.js, whose tensors are in a file beside it, or in itself. */
export const graph: Parser = {
  title: "the ONNX graph of a transformers.js model",
  cases: 1e5,
  permissions: ["--allow-ffi", "--allow-sys"],
  // ONNX Runtime takes as much for the sizes that a tensor says it has
  growth: 1024,
  words: ["../", "location", "Loop", "MatMul", "com.microsoft"],
  mutate: mutateGraph,
  seeds: () =>
    withTemporaryFolder(async (parent) => {
      const exported = join(parent, "exported");
      await exportBaseModel(await writeTinyModel(parent, "lm"), exported);
      const input: Record<string, Bytes> = {};
      for (const name of [graphFile, dataFile, "config.json"]) {
        input[name] = await Deno.readFile(join(exported, name));
      }
      return [input as Input];
    }),
  // config.json says how many there may be
  refuses: ({ message }) => /^Text 1 has \d+ tokens .* fit into the context/.test(message),
  open: (folder) =>
    inFiles(folder, async () => {
      await using base = await openTransformersBase(folder, cpu);
      using reading = await base.start([[1, 2, 3]]);
      await reading.step([4]);
    }),
};
