import assert from "node:assert/strict";
import {
  armHeadOf,
  type ModelSpec,
  modelSpecJson,
  parseModelSpec,
  radHeadOf,
  shapesOf,
} from "../../lib/nn/model_spec.ts";
import { gpt2ConfigJson } from "../../lib/nn/gpt2_config.ts";
import { tinyConfig, tinySpecs } from "../tiny_models.ts";

const parse = (own: unknown) =>
  parseModelSpec({ ...gpt2ConfigJson(tinyConfig), armature: own }, "out/config.json");

for (const [name, spec] of Object.entries(tinySpecs) as [string, ModelSpec][]) {
  Deno.test(`what is written of the model ${name} is read back`, () => {
    const json = JSON.parse(JSON.stringify(modelSpecJson(spec)));
    assert.deepEqual(parseModelSpec(json, "out/config.json"), spec);
  });
}

Deno.test("a plain GPT-2 is a language model without labels", () => {
  assert.deepEqual(parse(undefined), tinySpecs.lm);
});

Deno.test("a model of another kind is refused", () => {
  for (const own of [{}, { kind: "gedi" }, { kind: 3 }, null, "arm"]) {
    assert.throws(() => parse(own), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(
        error.message,
        /^out\/config\.json says armature\.kind: .+; it must be "lm", "arm" or "rad"\.$/,
      );
      return true;
    });
  }
});

Deno.test("a reward model without names of labels is refused", () => {
  for (const labels of [undefined, [], "kind", [1], null]) {
    assert.throws(() => parse({ kind: "arm", labels }), {
      name: "TypeError",
      message: "out/config.json must list the names of the model's labels in armature.labels.",
    });
  }
});

Deno.test("a model's parameters are those of backbone and head", () => {
  const lm = [...shapesOf(tinySpecs.lm).keys()];
  const head = (spec: ModelSpec) => [...shapesOf(spec)].slice(lm.length);
  assert.deepEqual(head(tinySpecs.arm), [
    ["head.lm_projection.weight", [3 * 16, 16]],
    ["head.prefix_baseline.weight", [3, 16]],
  ]);
  assert.deepEqual(head(tinySpecs.armWithoutBaseline), [["head.lm_projection.weight", [16, 16]]]);
  assert.deepEqual(head(tinySpecs.rad), [["lm_head.weight", [2, 16]], ["lm_head.bias", [2]]]);
  assert.deepEqual(armHeadOf(tinySpecs.arm), { labels: 3, width: 16, baseline: true });
  assert.deepEqual(radHeadOf(tinySpecs.rad), { labels: 2, width: 16 });
});
