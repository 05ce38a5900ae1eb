import assert from "node:assert/strict";
import fc from "fast-check";
import { parseBackbone } from "../../lib/models/architectures.ts";
import { ConfigJson } from "../../lib/models/config_json.ts";
import { gpt2, gpt2Backbone } from "../../lib/models/gpt2.ts";
import { gpt2Backbones, smallBackbone } from "./random_backbone.ts";

/** What Hugging Face's `gpt2` says, but for settings of no effect. */
const small = {
  activation_function: "gelu_new",
  architectures: ["GPT2LMHeadModel"],
  attn_pdrop: 0.1,
  bos_token_id: 50256,
  embd_pdrop: 0.1,
  eos_token_id: 50256,
  initializer_range: 0.02,
  layer_norm_epsilon: 1e-05,
  model_type: "gpt2",
  n_ctx: 1024,
  n_embd: 768,
  n_head: 12,
  n_layer: 12,
  n_positions: 1024,
  resid_pdrop: 0.1,
  vocab_size: 50257,
};

const where = "models/gpt2/config.json";
const parse = (json: Record<string, unknown>) => gpt2.parse(new ConfigJson(json, where));
const changed = (change: Record<string, unknown>) => parse({ ...small, ...change });

Deno.test("Hugging Face's config.json of GPT-2 is read", () => {
  const expected = {
    vocabulary: 50257,
    context: 1024,
    width: 768,
    layers: 12,
    heads: 12,
    inner: 3072,
    epsilon: 1e-5,
    bos: 50256,
    endOfText: 50256,
  };
  assert.deepEqual(parse(small), expected);
});

Deno.test("what may be left out has Hugging Face's defaults", () => {
  const { n_positions: _, eos_token_id: __, layer_norm_epsilon: ___, ...rest } = small;
  assert.deepEqual(parse({ ...rest, bos_token_id: 7 }), { ...parse(small), bos: 7, endOfText: 7 });
  assert.equal(changed({ eos_token_id: null, bos_token_id: null }).endOfText, 50256);
  assert.equal(changed({ n_inner: null }).inner, 3072);
  assert.equal(changed({ n_inner: 100 }).inner, 100);
  assert.equal(changed({ layer_norm_epsilon: 1e-6 }).epsilon, 1e-6);
});

Deno.test("what is written is read back", () => {
  fc.assert(fc.property(gpt2Backbones, (backbone) => {
    const json = JSON.parse(JSON.stringify(backbone.json()));
    assert.deepEqual(parseBackbone(json, where).json(), json);
  }));
});

for (const json of [null, [], "gpt2", 3, undefined]) {
  Deno.test(`${JSON.stringify(json)} is no config.json`, () => {
    assert.throws(() => parseBackbone(json, where), {
      name: "TypeError",
      message: "models/gpt2/config.json is not a model's config.json: it must hold a JSON object.",
    });
  });
}

const unsupported: [key: string, value: unknown, allowed: unknown][] = [
  ["activation_function", "relu", "gelu_new"],
  ["activation_function", "gelu", "gelu_new"],
  ["activation_function", null, "gelu_new"],
  ["scale_attn_weights", false, true],
  ["scale_attn_by_inverse_layer_idx", true, false],
  ["add_cross_attention", true, false],
  ["tie_word_embeddings", false, true],
];

for (const [key, value, allowed] of unsupported) {
  Deno.test(`the setting ${key}: ${JSON.stringify(value)} is refused`, () => {
    assert.throws(() => changed({ [key]: value }), {
      name: "TypeError",
      message: `models/gpt2/config.json says ${key}: ${JSON.stringify(value)}, ` +
        `which is not supported; it must be ${JSON.stringify(allowed)}.`,
    });
  });
}

Deno.test("settings that change nothing are allowed, and the other name of the activation", () => {
  assert.deepEqual(
    changed({
      activation_function: "gelu_pytorch_tanh",
      scale_attn_weights: true,
      scale_attn_by_inverse_layer_idx: false,
      add_cross_attention: false,
      tie_word_embeddings: true,
      reorder_and_upcast_attn: true,
    }),
    parse(small),
  );
});

const sizes = ["vocab_size", "n_embd", "n_layer", "n_head", "n_positions", "n_inner"];

for (const key of sizes) {
  Deno.test(`a size ${key} that is not a positive integer is refused`, () => {
    for (const value of [0, -1, 1.5, "12", true, 2 ** 60]) {
      assert.throws(() => changed({ [key]: value }), {
        name: "RangeError",
        message: `models/gpt2/config.json says ${key}: ${JSON.stringify(value)}; ` +
          "it must be a positive integer.",
      });
    }
  });
}

Deno.test("an unknown model_type is refused, and those there are named", () => {
  assert.throws(() => parseBackbone({ ...small, model_type: "unheard-of" }, where), {
    name: "TypeError",
    message:
      /^models\/gpt2\/config\.json says model_type: "unheard-of", which is not supported; it must be "gpt2", "llama", /,
  });
});

Deno.test("a config.json from before there was model_type is known by its classes or its keys", () => {
  const { model_type: _, architectures: __, ...oldest } = small;
  assert.equal(parseBackbone(oldest, where).title, "GPT-2");
  const old = { ...smallBackbone("qwen3").json(), model_type: undefined };
  assert.equal(parseBackbone({ ...old, architectures: ["Qwen3Model"] }, where).title, "Qwen 3");
  assert.throws(() => parseBackbone({ vocab_size: 3 }, where), /says model_type: undefined/);
});

for (const key of ["vocab_size", "n_embd", "n_layer", "n_head"]) {
  Deno.test(`a missing ${key} is refused`, () => {
    assert.throws(() => changed({ [key]: undefined }), {
      name: "RangeError",
      message: `models/gpt2/config.json says ${key}: undefined; it must be a positive integer.`,
    });
  });
}

Deno.test("a missing context length is refused", () => {
  assert.throws(() => changed({ n_positions: undefined, n_ctx: undefined }), RangeError);
});

Deno.test("a width that the heads do not divide is refused", () => {
  assert.throws(() => changed({ n_head: 7 }), {
    name: "RangeError",
    message: "models/gpt2/config.json: n_embd 768 is not a multiple of n_head 7.",
  });
});

Deno.test("an end of text outside of the vocabulary is refused", () => {
  for (const token of [50257, -1, 0.5, "50256"]) {
    assert.throws(() => changed({ eos_token_id: token }), {
      name: "RangeError",
      message: `models/gpt2/config.json says eos_token_id: ${JSON.stringify(token)}; ` +
        "it must be a token below vocab_size 50257.",
    });
  }
});

Deno.test("an epsilon that is not positive is refused", () => {
  for (const epsilon of [0, -1e-5, "1e-5"]) {
    assert.throws(() => changed({ layer_norm_epsilon: epsilon }), {
      name: "RangeError",
      message: `models/gpt2/config.json says layer_norm_epsilon: ${
        JSON.stringify(epsilon)
      }; it must be positive.`,
    });
  }
});

Deno.test("the parameters have Hugging Face's names and shapes", () => {
  const sizes = { vocabulary: 50, context: 20, width: 8, layers: 1, heads: 2, inner: 24 };
  assert.deepEqual(Object.fromEntries(gpt2Backbone(sizes).shapes), {
    "wte.weight": [50, 8],
    "wpe.weight": [20, 8],
    "h.0.ln_1.weight": [8],
    "h.0.ln_1.bias": [8],
    "h.0.attn.c_attn.weight": [8, 24],
    "h.0.attn.c_attn.bias": [24],
    "h.0.attn.c_proj.weight": [8, 8],
    "h.0.attn.c_proj.bias": [8],
    "h.0.ln_2.weight": [8],
    "h.0.ln_2.bias": [8],
    "h.0.mlp.c_fc.weight": [8, 24],
    "h.0.mlp.c_fc.bias": [24],
    "h.0.mlp.c_proj.weight": [24, 8],
    "h.0.mlp.c_proj.bias": [8],
    "ln_f.weight": [8],
    "ln_f.bias": [8],
  });
});

Deno.test("GPT-2 small has 124,439,808 parameters", () => {
  const { shapes } = parseBackbone(small, where);
  const sizes = [...shapes.values()].map((shape) => shape.reduce((a, b) => a * b));
  assert.equal(sizes.reduce((a, b) => a + b), 124_439_808);
});
