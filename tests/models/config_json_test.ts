import assert from "node:assert/strict";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { tinyBackbone } from "../tiny_models.ts";

Deno.test("more blocks than any model has are refused before memory is taken for them", () => {
  const config = { ...tinyBackbone.json(), n_layer: 2 ** 24 };
  assert.throws(() => parseBackbone(config, "model/config.json"), {
    name: "RangeError",
    message: "model/config.json says n_layer: 16777216; it must be 4096 at most.",
  });
});
