import assert from "node:assert/strict";
import { input } from "../../lib/graph/tensor.ts";
import { forward } from "../../lib/models/forward.ts";
import { fedParameters } from "../../lib/models/parameters.ts";
import { notingBackbone, trunkParameters } from "../../lib/models/trunk.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { tinySizes } from "../tiny_models.ts";
import { otherModelTypes, smallBackbone } from "./random_backbone.ts";

Deno.test("every architecture falls into a trunk and what stands on it, wherever it is cut", () => {
  const backbones = [
    gpt2Backbone(tinySizes),
    ...otherModelTypes.map((type) => smallBackbone(type)),
  ];
  for (const { title, ...backbone } of backbones) {
    for (const blocks of [1, 2]) {
      const { trunk, above } = trunkParameters({ title, ...backbone }, blocks);
      const all = [...trunk.keys(), ...above.keys()];
      const { shapes, inputEmbedding, outputEmbedding } = backbone;
      const hidden = [...shapes.keys()].filter((name) =>
        name !== outputEmbedding || name === inputEmbedding
      );
      assert.deepEqual(all.toSorted(), hidden.toSorted(), title);
      assert.equal(above.size === 0, blocks === 2);
      assert.ok(trunk.has(inputEmbedding));
    }
  }
});

Deno.test("an architecture that does not say where its blocks end is no trunk", () => {
  const silent = { ...gpt2Backbone(tinySizes) };
  const noting = notingBackbone({
    ...silent,
    hidden: (parameters, ids, positions, attend) =>
      silent.hidden(parameters, ids, positions, attend),
  });
  const given = {
    ids: input("ids", "int64", ["batch", "time"]),
    mask: input("mask", "float32", ["batch", "time"]),
  };
  const { hidden } = forward(noting.backbone, fedParameters(), given);
  assert.equal(noting.after(2), hidden);
  assert.throws(() => noting.after(1), /GPT-2 does not say where its blocks end/);
});
