import assert from "node:assert/strict";
import { constant } from "../../lib/graph/tensor.ts";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { encoders, parseEncoder } from "../../lib/models/encoders.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { pooled } from "../../lib/models/pooling.ts";
import { encoderModels, encoderShapes, encoderValues } from "../encoders/encoder_cases.ts";
import { floatsOf, largestDifference, runGraph } from "../run_graph.ts";

for (const model of encoderModels) {
  Deno.test(`${model.name}: padded together, texts have the hidden states and logits of transformers`, async () => {
    const { config, labels, cases } = model;
    const encoder = parseEncoder(config, "config.json");
    const values = encoderValues(model);
    const names = [...encoderShapes(model, "").keys()];
    const stored = new Map([...encoderShapes(model).keys()].map((name, i) => [names[i], name]));
    const parameters: Parameters = (name, shape) =>
      constant("float32", shape, values.get(stored.get(name)!)!);
    const time = cases.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
    const rows = cases.map(({ ids }) =>
      Array.from({ length: time }, (_, t) => ids[t] ?? encoder.pad)
    );
    const mask = constant(
      "float32",
      [cases.length, time],
      cases.flatMap(({ ids }) => Array.from({ length: time }, (_, t) => t < ids.length ? 1 : 0)),
    );
    const hidden = encoder.hidden(parameters, {
      ids: constant("int64", [cases.length, time], rows.flat()),
      mask,
    });
    const results = await runGraph({
      hidden,
      logits: encoder.logits(parameters, hidden, labels.length),
      mean: pooled("mean", hidden, mask),
      root: pooled("mean_sqrt_len", hidden, mask),
      max: pooled("max", hidden, mask),
      cls: pooled("cls", hidden, mask),
    });
    const { width } = encoder;
    const rowOf = (name: string, i: number, columns = width) =>
      floatsOf(results[name]).subarray(i * columns, (i + 1) * columns);
    cases.forEach(({ ids, hidden: [first, last], mean, max, logits }, i) => {
      const near = (name: string, wanted: readonly number[], got: Float32Array) => {
        const difference = largestDifference(got, wanted);
        assert.ok(difference < 5e-6, `${name} of text ${i}: ${difference}`);
      };
      near("the first state", first, rowOf("hidden", i * time));
      near("the last state", last, rowOf("hidden", i * time + ids.length - 1));
      near("the logits", logits, rowOf("logits", i, labels.length));
      near("the mean", mean, rowOf("mean", i));
      near("the sum", mean.map((x) => x * Math.sqrt(ids.length)), rowOf("root", i));
      near("the largest", max, rowOf("max", i));
      near("the first as the text's", first, rowOf("cls", i));
    });
  });
}

const sizes = {
  vocab_size: 20,
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 8,
  max_position_embeddings: 10,
};

Deno.test("a config.json that is no encoder, or asks for what is not known, is refused in one sentence", () => {
  const refused: [Record<string, unknown>, RegExp][] = [
    [
      { model_type: "gpt2" },
      /^config\.json says model_type: "gpt2", which is no encoder that reads whole texts; name a folder of "bert", "distilbert", /,
    ],
    [
      { model_type: "bert", ...sizes, position_embedding_type: "relative_key" },
      /position_embedding_type/,
    ],
    [
      { model_type: "bert", ...sizes, is_decoder: true },
      /is_decoder: true, which is not supported/,
    ],
    [{ model_type: "bert", ...sizes, hidden_act: "mish" }, /hidden_act: "mish"/],
    [
      { model_type: "bert", ...sizes, num_attention_heads: 3 },
      /^config\.json: hidden_size 8 is not a multiple of num_attention_heads 3\.$/,
    ],
    [{ model_type: "bert", ...sizes, hidden_size: 0 }, /hidden_size: 0; it must be a positive/],
    [
      { model_type: "roberta", ...sizes, max_position_embeddings: 2 },
      /max_position_embeddings: 2; it must be more than pad_token_id \+ 1, from which positions/,
    ],
    [{ model_type: "distilbert", ...sizes }, /dim: undefined; it must be a positive integer/],
  ];
  for (const [config, message] of refused) {
    assert.throws(() => parseEncoder(config, "config.json"), (error: Error) => {
      assert.match(error.message, message);
      assert.match(error.message, /^[^\n]+\.$/);
      return true;
    });
  }
  assert.throws(() => parseEncoder([], "config.json"), /it must hold a JSON object/);
});

Deno.test("an encoder that is to write is refused by what it is for", () => {
  for (const { modelTypes, title } of encoders) {
    for (const type of modelTypes) {
      assert.throws(
        () => parseBackbone({ model_type: type }, "config.json"),
        new RegExp(
          `^TypeError: config\\.json says model_type: "${type}": ${title} reads whole texts and writes none; use it with ` +
            `--scorer or --embeddings, and name a language model here\\.$`,
        ),
      );
    }
  }
});

Deno.test("a text without any token has a mean of zeros", async () => {
  const hidden = constant("float32", [2, 1, 2], [1, 2, 3, 4]);
  const mask = constant("float32", [2, 1], [0, 1]);
  const { mean, root } = await runGraph({
    mean: pooled("mean", hidden, mask),
    root: pooled("mean_sqrt_len", hidden, mask),
  });
  assert.deepEqual([...floatsOf(mean)], [0, 0, 3, 4]);
  assert.deepEqual([...floatsOf(root)], [0, 0, 3, 4]);
});
