import assert from "node:assert/strict";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { tinyBackbone } from "../tiny_models.ts";
import { smallModel } from "../weights/gguf/small_gguf.ts";

Deno.test("more blocks than any model has are refused before memory is taken for them", () => {
  const config = { ...tinyBackbone.json(), n_layer: 2 ** 24 };
  assert.throws(() => parseBackbone(config, "model/config.json"), {
    name: "RangeError",
    message: "model/config.json says n_layer: 16777216; it must be 4096 at most.",
  });
});

Deno.test("heads of which more is turned than there is, or than any model has, are refused", () => {
  const json = smallModel("gptneox").backbone.json();
  const message = /says that .* values of a head are turned; it must be 1 at most/;
  for (const change of [{ rotary_pct: 2 ** 31 }, { hidden_size: 2 ** 40, rotary_pct: 1 }]) {
    assert.throws(() => parseBackbone({ ...json, ...change }, "config.json"), { message });
  }
});
