import assert from "node:assert/strict";
import {
  type BackboneSpec,
  type ModelSpec,
  modelSpecJson,
  parseModelSpec,
  shapesOf,
} from "../../lib/methods/model_spec.ts";
import { tinyBackbone, tinySpecs } from "../tiny_models.ts";

const parse = (own: unknown) =>
  parseModelSpec({ ...tinyBackbone.json(), armature: own }, "out/config.json");

const refused = (own: unknown, message: string) =>
  assert.throws(() => parse(own), { name: "TypeError", message });

const specs: Record<string, ModelSpec> = {
  ...tinySpecs,
  dexperts: { kind: "dexperts", labels: ["kind"], expert: "expert", antiexpert: "../other" },
};

for (const [name, spec] of Object.entries(specs)) {
  Deno.test(`what is written of the model ${name} is read back`, () => {
    const json = JSON.parse(JSON.stringify(modelSpecJson(spec)));
    assert.deepEqual(modelSpecJson(parseModelSpec(json, "out/config.json")), json);
  });
}

Deno.test("a plain GPT-2 is a language model without labels", () => {
  assert.deepEqual(modelSpecJson(parse(undefined)), modelSpecJson(tinySpecs.lm));
});

Deno.test("a model of another kind is refused", () => {
  for (const own of [{}, { kind: "ppo" }, { kind: 3 }, null, "arm"]) {
    assert.throws(() => parse(own), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(
        error.message,
        /^out\/config\.json says armature\.kind: .+; it must be "lm", .+ or "[a-z-]+"(; a method of your own is defined first, with defineMethod)?\.$/,
      );
      return true;
    });
  }
});

Deno.test("a reward model without names of labels is refused", () => {
  for (const kind of ["arm", "rad", "fudge", "gedi", "dexperts"]) {
    for (const labels of [undefined, [], "kind", [1], null]) {
      refused(
        { kind, labels },
        "out/config.json must list the names of the model's labels in armature.labels.",
      );
    }
  }
});

Deno.test("a model of one label is refused with two", () => {
  for (const kind of ["gedi", "dexperts"]) {
    refused(
      { kind, labels: ["kind", "calm"] },
      "out/config.json names 2 labels in armature.labels; this kind of model has one.",
    );
  }
});

Deno.test("a GeDi without two control codes is refused", () => {
  for (const codes of [undefined, [3], [3, 3], [3, 61], [-1, 3], ["a", "b"], [1, 2, 3]]) {
    assert.throws(
      () => parse({ kind: "gedi", labels: ["kind"], codes }),
      /^(Type|Range)Error: out\/config\.json (\(armature\)|must name two different tokens below 61).* .*codes/,
    );
  }
});

Deno.test("a pair of experts needs the folders of both, and no sizes of its own", () => {
  const pair = { kind: "dexperts", labels: ["kind"], expert: "a", antiexpert: "b" };
  assert.deepEqual(parseModelSpec({ armature: pair }, "out/config.json"), pair);
  for (const folder of [undefined, "", 3]) {
    assert.throws(
      () => parse({ ...pair, antiexpert: folder }),
      /^TypeError: out\/config\.json .*antiexpert/,
    );
  }
});

Deno.test("a model's parameters are those of backbone and head", () => {
  const lm = [...shapesOf(tinySpecs.lm).keys()];
  const head = (spec: BackboneSpec) => [...shapesOf(spec)].slice(lm.length);
  assert.deepEqual(head(tinySpecs.arm), [
    ["head.lm_projection.weight", [3 * 16, 16]],
    ["head.prefix_baseline.weight", [3, 16]],
  ]);
  assert.deepEqual(head(tinySpecs.armWithoutBaseline), [["head.lm_projection.weight", [16, 16]]]);
  assert.deepEqual(head(tinySpecs.rad), [["lm_head.weight", [2, 16]], ["lm_head.bias", [2]]]);
  assert.deepEqual(head(tinySpecs.fudge), head(tinySpecs.rad));
  assert.deepEqual(head(tinySpecs.gedi), [["logit_scale", [1]], ["bias", [2]]]);
});
