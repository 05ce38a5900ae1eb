import assert from "node:assert/strict";
import fc from "fast-check";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import { gpt2, gpt2Shapes, languageModelHead, type LayerCache } from "../../lib/nn/gpt2.ts";
import type { Gpt2Config } from "../../lib/nn/gpt2_config.ts";
import type { Parameters } from "../../lib/nn/parameters.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers, type Value, zeros } from "../../lib/runtime/value.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { configs, randomBackbone, textsOf } from "./random_gpt2.ts";

const ids = input("ids", "int64", ["batch", "time"]);
const positions = input("positions", "int64", ["batch", "time"]);

/** Float32 rounding of a few blocks, on hidden states of the order of 1 to 5. */
const tolerance = 2e-5;

/** A rectangle of tokens: rows of one length, 0 where a row has none. */
const rectangle = (rows: readonly (readonly number[])[]) => {
  assert.ok(rows.every((row) => row.length === rows[0].length));
  return [rows.length, rows[0].length];
};
const idsOf = (rows: readonly (readonly number[])[]) => integers(rectangle(rows), rows.flat());
const maskOf = (rows: readonly (readonly number[])[]) =>
  floats(rectangle(rows), Float32Array.from(rows.flat()));

const filled = (length: number, value: number): number[] => Array(length).fill(value);

function openPlain(config: Gpt2Config, parameters: Parameters): Promise<Session> {
  const mask = input("mask", "float32", ["batch", "time"]);
  const { hidden } = gpt2(config, parameters, { ids, mask });
  return Session.open(compile({ hidden }), cpu, { threads: 1 });
}

function openPositioned(config: Gpt2Config, parameters: Parameters): Promise<Session> {
  const mask = input("mask", "float32", ["batch", "time"]);
  const { hidden } = gpt2(config, parameters, { ids, mask, positions });
  return Session.open(compile({ hidden }), cpu, { threads: 1 });
}

function openCached(config: Gpt2Config, parameters: Parameters): Promise<Session> {
  const { heads, width, layers } = config;
  const mask = input("mask", "float32", ["batch", "past+time"]);
  const shape = ["batch", heads, "past", width / heads];
  const past = Array.from({ length: layers }, (_, i): LayerCache => ({
    key: input(`key.${i}`, "float32", shape),
    value: input(`value.${i}`, "float32", shape),
  }));
  const { hidden, present } = gpt2(config, parameters, { ids, mask, positions, past });
  const caches = present.flatMap(({ key, value }, i) => [
    [`next.key.${i}`, key] as const,
    [`next.value.${i}`, value] as const,
  ]);
  return Session.open(compile({ hidden, ...Object.fromEntries(caches) }), cpu, { threads: 1 });
}

/** The hidden states of each text read alone, without padding: `[time·d]` each. */
async function alone(session: Session, texts: readonly number[][]): Promise<Float32Array[]> {
  const states: Float32Array[] = [];
  for (const text of texts) {
    const { hidden } = await session.run({
      ids: idsOf([text]),
      mask: maskOf([filled(text.length, 1)]),
    });
    states.push(floatsOf(hidden));
  }
  return states;
}

const drawn = (texts: { minLength?: number; maxLength?: number }, longest?: number) =>
  configs.chain((config) =>
    fc.record({
      config: fc.constant(config),
      texts: textsOf(config, texts, longest),
      seed: fc.nat(),
    })
  );

Deno.test("the parameters have Hugging Face's names and shapes", () => {
  const config: Gpt2Config = {
    vocabulary: 50,
    positions: 20,
    width: 8,
    layers: 1,
    heads: 2,
    inner: 24,
    epsilon: 1e-5,
    endOfText: 0,
  };
  assert.deepEqual(Object.fromEntries(gpt2Shapes(config)), {
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
  const shapes = gpt2Shapes({
    vocabulary: 50257,
    positions: 1024,
    width: 768,
    layers: 12,
    heads: 12,
    inner: 3072,
    epsilon: 1e-5,
    endOfText: 50256,
  });
  const sizes = [...shapes.values()].map((shape) => shape.reduce((a, b) => a * b));
  assert.equal(sizes.reduce((a, b) => a + b), 124_439_808);
});

Deno.test("a text's hidden states depend neither on the other texts nor on right padding", async () => {
  await fc.assert(
    fc.asyncProperty(drawn({}), fc.nat({ max: 3 }), async ({ config, texts, seed }, extra) => {
      await using session = await openPlain(config, randomBackbone(config, seed));
      const time = Math.max(...texts.map((text) => text.length)) + extra;
      const padding = seed % config.vocabulary;
      const { hidden } = await session.run({
        ids: idsOf(texts.map((text) => [...text, ...filled(time - text.length, padding)])),
        mask: maskOf(
          texts.map(({ length }) => [...filled(length, 1), ...filled(time - length, 0)]),
        ),
      });
      (await alone(session, texts)).forEach((states, row) => {
        const start = row * time * config.width;
        const together = floatsOf(hidden).subarray(start, start + states.length);
        const difference = largestDifference(together, states);
        assert.ok(difference < tolerance, `${difference}`);
      });
    }),
    { numRuns: 20 },
  );
});

Deno.test("a hidden state does not depend on the tokens after it", async () => {
  await fc.assert(
    fc.asyncProperty(drawn({ minLength: 2, maxLength: 2 }), async ({ config, texts, seed }) => {
      await using session = await openPlain(config, randomBackbone(config, seed));
      const [text, more] = texts;
      const [short, long] = await alone(session, [text, [...text, ...more]]);
      const difference = largestDifference(long.subarray(0, short.length), short);
      assert.ok(difference < tolerance, `${difference}`);
    }),
    { numRuns: 20 },
  );
});

Deno.test("with left padding and positions from its start, a text has the states it has unpadded", async () => {
  await fc.assert(
    fc.asyncProperty(drawn({}), fc.nat({ max: 3 }), async ({ config, texts, seed }, extra) => {
      const parameters = randomBackbone(config, seed);
      await using plain = await openPlain(config, parameters);
      await using session = await openPositioned(config, parameters);
      const time = Math.max(...texts.map((text) => text.length)) + extra;
      const pad = (length: number, value: number) => filled(time - length, value);
      const { hidden } = await session.run({
        ids: idsOf(texts.map((text) => [...pad(text.length, seed % config.vocabulary), ...text])),
        mask: maskOf(texts.map(({ length }) => [...pad(length, 0), ...filled(length, 1)])),
        positions: idsOf(texts.map((text) => [...pad(text.length, 0), ...text.keys()])),
      });
      assert.ok(floatsOf(hidden).every(Number.isFinite));
      (await alone(plain, texts)).forEach((states, row) => {
        const end = (row + 1) * time * config.width;
        const padded = floatsOf(hidden).subarray(end - states.length, end);
        const difference = largestDifference(padded, states);
        assert.ok(difference < tolerance, `${difference}`);
      });
    }),
    { numRuns: 20 },
  );
});

Deno.test("read in several steps with a cache, left-padded texts have the states they have in one pass", async () => {
  const steps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(drawn({}, 10), steps, async ({ config, texts, seed }, steps) => {
      const parameters = randomBackbone(config, seed);
      await using plain = await openPlain(config, parameters);
      await using session = await openCached(config, parameters);
      const time = Math.max(...texts.map((text) => text.length));
      const pad = (length: number) => filled(time - length, 0);
      const ids = texts.map((text) => [...pad(text.length), ...text]);
      const mask = texts.map(({ length }) => [...pad(length), ...filled(length, 1)]);
      const places = texts.map((text) => [...pad(text.length), ...text.keys()]);

      const { heads, width } = config;
      const empty = [texts.length, heads, 0, width / heads];
      let caches: Record<string, Value> = {};
      for (const [name] of session.program.inputs) {
        if (/^(key|value)\./.test(name)) caches[name] = zeros("float32", empty);
      }
      const states = texts.map((): number[] => []);
      for (let from = 0, i = 0; from < time; i++) {
        const to = Math.min(time, from + steps[i % steps.length]);
        const part = (rows: number[][]) => rows.map((row) => row.slice(from, to));
        const { hidden, ...present } = await session.run({
          ...caches,
          ids: idsOf(part(ids)),
          positions: idsOf(part(places)),
          mask: maskOf(mask.map((row) => row.slice(0, to))),
        });
        const size = (to - from) * width;
        states.forEach((row, b) =>
          row.push(...floatsOf(hidden).subarray(b * size, (b + 1) * size))
        );
        caches = Object.fromEntries(
          Object.entries(present).map(([name, value]) => [name.replace("next.", ""), value]),
        );
        from = to;
      }
      (await alone(plain, texts)).forEach((one, row) => {
        const difference = largestDifference(states[row].slice(-one.length), one);
        assert.ok(difference < tolerance, `${difference}`);
      });
    }),
    { numRuns: 20 },
  );
});

Deno.test("a text as long as the context fits, and a longer one does not run", async () => {
  const [config] = fc.sample(configs, { seed: 1, numRuns: 1 });
  await using session = await openPlain(config, randomBackbone(config, 1));
  const run = (time: number) =>
    session.run({ ids: idsOf([filled(time, 0)]), mask: maskOf([filled(time, 1)]) });
  assert.deepEqual((await run(config.positions)).hidden.dims, [config.positions, config.width]);
  await assert.rejects(run(config.positions + 1));
});

Deno.test("logits are products of hidden states with the rows of the token embedding", async () => {
  const [config] = fc.sample(configs, { seed: 2, numRuns: 1 });
  const parameters = randomBackbone(config, 1);
  const states = input("states", "float32", ["rows", config.width]);
  const logits = languageModelHead(config, parameters, states);
  assert.deepEqual(logits.shape, ["rows", config.vocabulary]);
  await using session = await Session.open(compile({ logits }), cpu);
  const h = Float32Array.from({ length: 2 * config.width }, (_, i) => Math.sin(i));
  const outputs = await session.run({ states: floats([2, config.width], h) });
  const { source } = parameters("wte.weight", [config.vocabulary, config.width]);
  const wte = source.kind === "constant" ? source.data as Float32Array : new Float32Array();
  const expected = Array.from({ length: 2 * config.vocabulary }, (_, i) => {
    const row = Math.floor(i / config.vocabulary);
    const token = i % config.vocabulary;
    let sum = 0;
    for (let j = 0; j < config.width; j++) {
      sum += h[row * config.width + j] * wte[token * config.width + j];
    }
    return sum;
  });
  assert.ok(largestDifference(floatsOf(outputs.logits), expected) < 1e-5);
});
