import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  ModelProtoSchema,
  NodeProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from "onnx-buf";
import * as ort from "onnxruntime-node";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { OptimumReading } from "../../lib/bases/optimum_reading.ts";
import { OptimumSession } from "../../lib/bases/optimum_session.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";

const model = { name: "tiny", vocabulary: tinyBackbone.vocabulary };

/** Runs `test` with the path of the tiny language model's graph. */
async function withGraph(test: (path: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    await exportBaseModel(await writeTinyModel(parent, "lm"), join(parent, "exported"));
    await test(join(parent, "exported", "onnx", "model.onnx"));
  });
}

Deno.test("a cache is disposed as soon as the next one is there, and the last one with its batch", async () => {
  await withGraph(async (path) => {
    const session = await ort.InferenceSession.create(path);
    const caches: ort.Tensor[] = [];
    const run = session.run.bind(session) as (
      ...args: unknown[]
    ) => Promise<ort.InferenceSession.ReturnType>;
    session.run = async (...args: unknown[]) => {
      const outputs = await run(...args);
      for (const name in outputs) {
        if (name.startsWith("present.")) caches.push(outputs[name] as ort.Tensor);
      }
      return outputs;
    };
    const alive = () => caches.filter(({ location }) => String(location) !== "none").length;
    const perRun = 2 * tinyBackbone.blocks.length;
    {
      const optimum = new OptimumSession(session, "cpu", model);
      using reading = await OptimumReading.start(optimum, [[1, 2], [3]], 4, 0);
      assert.equal(alive(), perRun);
      await reading.step([4, 5]);
      assert.equal(alive(), perRun);
      await reading.select([1, 0, 1]);
      assert.equal(alive(), 0);
      await reading.step([6, 7, 8]);
      await reading.step([6, 7, 8]);
      assert.equal(alive(), perRun);
    }
    assert.deepEqual([alive(), caches.length], [0, 4 * perRun]);
    await session.release();
  });
});

Deno.test("a graph without positions reads only texts of one length together", async () => {
  await withGraph(async (path) => {
    const graph = fromBinary(ModelProtoSchema, await Deno.readFile(path));
    // it makes positions of its own, whatever they are
    graph.graph!.node.unshift(
      create(NodeProtoSchema, {
        opType: "Identity",
        input: ["input_ids"],
        output: ["position_ids"],
      }),
    );
    graph.graph!.input = graph.graph!.input.filter(({ name }) => name !== "position_ids");
    await Deno.writeFile(path, toBinary(ModelProtoSchema, graph));
    const session = await ort.InferenceSession.create(path);
    const optimum = new OptimumSession(session, "cpu", model);
    using reading = await OptimumReading.start(optimum, [[1, 2], [3, 4]], 4, 0);
    assert.equal(reading.candidates.logits.dims[0], 2);
    await assert.rejects(OptimumReading.start(optimum, [[1, 2], [3]], 4, 0), {
      name: "RangeError",
      message: /^The model of 'tiny' takes no position_ids, so it cannot read prompts of different/,
    });
    await session.release();
  });
});

Deno.test("the inputs that only some exports have are fed", async () => {
  await withGraph(async (path) => {
    const graph = fromBinary(ModelProtoSchema, await Deno.readFile(path));
    // what older and newer exports have; this graph does not look at them
    for (
      const [name, elemType, rank] of [["use_cache_branch", 9, 1], [
        "num_logits_to_keep",
        7,
        0,
      ]] as const
    ) {
      const dim = Array.from(
        { length: rank },
        () => create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: 1n } }),
      );
      const shape = create(TensorShapeProtoSchema, { dim });
      const value = create(TypeProto_TensorSchema, { elemType, shape });
      const type = create(TypeProtoSchema, { value: { case: "tensorType", value } });
      graph.graph!.input.push(create(ValueInfoProtoSchema, { name, type }));
    }
    await Deno.writeFile(path, toBinary(ModelProtoSchema, graph));
    const session = await ort.InferenceSession.create(path);
    const fed: unknown[] = [];
    const run = session.run.bind(session) as (
      ...args: unknown[]
    ) => Promise<ort.InferenceSession.ReturnType>;
    session.run = async (...args: unknown[]) => {
      const { use_cache_branch, num_logits_to_keep } = args[0] as Record<string, ort.Tensor>;
      fed.push([use_cache_branch.data[0], num_logits_to_keep.data[0]]);
      return await run(...args);
    };
    using reading = await OptimumReading.start(
      new OptimumSession(session, "cpu", model),
      [[1]],
      4,
      0,
    );
    await reading.step([2]);
    assert.deepEqual(fed, [[0, 1n], [1, 1n]]);
    await session.release();
  });
});

Deno.test("a graph that is not a language model with a cache is refused", async () => {
  await withGraph(async (path) => {
    const bytes = await Deno.readFile(path);
    const refuse = async (name: string, other: string, message: RegExp) => {
      const graph = fromBinary(ModelProtoSchema, bytes);
      const rename = (from: string) => from === name ? other : from;
      for (const value of [...graph.graph!.input, ...graph.graph!.output]) {
        value.name = rename(value.name);
      }
      for (const node of graph.graph!.node) {
        node.input = node.input.map(rename);
        node.output = node.output.map(rename);
      }
      await Deno.writeFile(path, toBinary(ModelProtoSchema, graph));
      const session = await ort.InferenceSession.create(path);
      assert.throws(() => new OptimumSession(session, "cpu", model), {
        name: "TypeError",
        message,
      });
      await session.release();
    };
    await refuse(
      "past_key_values.0.key",
      "past_conv.0",
      /has the input past_conv\.0, which is not/,
    );
    await refuse("present.1.value", "state", /has no present\.1\.value: export it with optimum/);
    await refuse("logits", "hidden", /has no logits/);
  });
});
