import assert from "node:assert/strict";
import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { ModelProtoSchema } from "onnx-buf";
import { gradients } from "../../lib/graph/gradient.ts";
import { add } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { fedParameters } from "../../lib/models/parameters.ts";
import { Random } from "../../lib/random.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";
import type { Example, Objective } from "../../lib/train/objective.ts";
import { armObjective } from "../../lib/methods/arm.ts";
import { fudgeObjective } from "../../lib/methods/fudge.ts";
import { radObjective } from "../../lib/methods/rad.ts";
import { backbones, textsOf } from "../models/random_backbone.ts";
import { floatsOf, runGraph } from "../run_graph.ts";

const labels = 2;

const cases = backbones.chain((backbone) =>
  fc.record({
    // in texts of one token, attention has no choice and nothing to learn
    texts: textsOf(backbone, {}).map((texts) => [...texts, [0, 1, 1, 0]]),
    seed: fc.nat(),
    published: fc.boolean(),
    kind: fc.constantFrom(
      "rad" as const,
      "fudge" as const,
      "arm" as const,
      "arm without baseline" as const,
      "distilled arm" as const,
    ),
  }).map((rest) => ({ backbone, ...rest }))
);

/** A teacher that gives every token the same rewards. */
const teacher = ({ dims: [batch, time] }: Value): Promise<Value> =>
  Promise.resolve(
    floats([batch, time, labels], new Float32Array(batch * time * labels).fill(0.25)),
  );

const opsOf = (program: { model: Uint8Array }): Set<string> =>
  new Set(fromBinary(ModelProtoSchema, program.model).graph!.node.map(({ opType }) => opType));

Deno.test("the loss trains every parameter of a reward model but its embeddings, whose gradient is not computed", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ backbone, texts, seed, published, kind }) => {
      const head = { labels, width: backbone.width };
      const objective: Objective = kind === "rad"
        ? radObjective(backbone, head, { published })
        : kind === "fudge"
        ? fudgeObjective(backbone, head)
        : armObjective(backbone, { ...head, baseline: kind !== "arm without baseline" }, {
          published,
          teacher: kind === "distilled arm" ? teacher : undefined,
        });
      const { inputEmbedding, outputEmbedding } = backbone;
      const isTied = inputEmbedding === outputEmbedding;
      const isUsed = objective.shapes.has(outputEmbedding);
      assert.deepEqual([...objective.frozen], isUsed ? [outputEmbedding] : []);
      const parameters = fedParameters();
      const { loss } = objective.loss(parameters);
      const trained = [...objective.shapes].filter(([name]) => !objective.frozen.has(name));
      const slopes = gradients(loss, trained.map(([name, shape]) => parameters(name, shape)));
      const named = Object.fromEntries(slopes.map((slope, i) => [`slope.${i}`, add(slope, 0)]));

      // only the gradient of what tokens are read as adds up rows
      assert.equal(opsOf(compile(named)).has("ScatterElements"), !isTied);
      const [all] = gradients(loss, [
        parameters(inputEmbedding, objective.shapes.get(inputEmbedding)!),
      ]);
      assert.ok(opsOf(compile({ all: add(all, 0) })).has("ScatterElements"));

      const random = new Random(seed);
      const examples: Example[] = texts.map((ids) => ({
        ids,
        labels: [random.uniform(), random.uniform()],
      }));
      const tokens = texts.reduce((sum, { length }) => sum + length, 0);
      const values = [...objective.shapes].map(([name, shape]) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        return [
          name,
          floats(shape, Float32Array.from({ length: size }, () => 0.5 * random.normal())),
        ] as const;
      });
      const outputs = await runGraph({ loss: add(loss, 0), ...named }, {
        ...Object.fromEntries(values),
        ...await objective.feeds({ examples, rows: texts.length, tokens, random }),
      });
      assert.ok(floatsOf(outputs.loss)[0] > 0);
      trained.forEach(([name], i) => {
        const slope = floatsOf(outputs[`slope.${i}`]);
        assert.ok(slope.every(Number.isFinite) && slope.some((g) => g !== 0), name);
      });
    }),
    { numRuns: 20 },
  );
});
