import assert from "node:assert/strict";
import fc from "fast-check";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import { type LayerCache } from "../../lib/models/backbone.ts";
import { forward } from "../../lib/models/forward.ts";
import { languageModelHead, outputEmbeddings } from "../../lib/models/language_model_head.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import type { Parameters } from "../../lib/models/parameters.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers, type Value, zeros } from "../../lib/runtime/value.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { backbones, randomParametersOf, textsOf } from "./random_backbone.ts";

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

function openPlain(backbone: Backbone, parameters: Parameters): Promise<Session> {
  const mask = input("mask", "float32", ["batch", "time"]);
  const { hidden } = forward(backbone, parameters, { ids, mask });
  return Session.open(compile({ hidden }), cpu, { threads: 1 });
}

function openPositioned(backbone: Backbone, parameters: Parameters): Promise<Session> {
  const mask = input("mask", "float32", ["batch", "time"]);
  const { hidden } = forward(backbone, parameters, { ids, mask, positions });
  return Session.open(compile({ hidden }), cpu, { threads: 1 });
}

function openCached(backbone: Backbone, parameters: Parameters): Promise<Session> {
  const mask = input("mask", "float32", ["batch", "past+time"]);
  const past = backbone.blocks.map(({ keyHeads, size }, i): LayerCache => {
    const shape = ["batch", keyHeads, "past", size];
    return {
      key: input(`key.${i}`, "float32", shape),
      value: input(`value.${i}`, "float32", shape),
    };
  });
  const { hidden, present } = forward(backbone, parameters, { ids, mask, positions, past });
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
  backbones.chain((backbone) =>
    fc.record({
      backbone: fc.constant(backbone),
      texts: textsOf(backbone, texts, longest),
      seed: fc.nat(),
    })
  );

Deno.test("a text's hidden states depend neither on the other texts nor on right padding", async () => {
  await fc.assert(
    fc.asyncProperty(drawn({}), fc.nat({ max: 3 }), async ({ backbone, texts, seed }, extra) => {
      await using session = await openPlain(backbone, randomParametersOf(backbone, seed));
      const time = Math.max(...texts.map((text) => text.length)) + extra;
      const padding = seed % backbone.vocabulary;
      const { hidden } = await session.run({
        ids: idsOf(texts.map((text) => [...text, ...filled(time - text.length, padding)])),
        mask: maskOf(
          texts.map(({ length }) => [...filled(length, 1), ...filled(time - length, 0)]),
        ),
      });
      (await alone(session, texts)).forEach((states, row) => {
        const start = row * time * backbone.width;
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
    fc.asyncProperty(drawn({ minLength: 2, maxLength: 2 }), async ({ backbone, texts, seed }) => {
      await using session = await openPlain(backbone, randomParametersOf(backbone, seed));
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
    fc.asyncProperty(drawn({}), fc.nat({ max: 3 }), async ({ backbone, texts, seed }, extra) => {
      const parameters = randomParametersOf(backbone, seed);
      await using plain = await openPlain(backbone, parameters);
      await using session = await openPositioned(backbone, parameters);
      const time = Math.max(...texts.map((text) => text.length)) + extra;
      const pad = (length: number, value: number) => filled(time - length, value);
      const { hidden } = await session.run({
        ids: idsOf(texts.map((text) => [...pad(text.length, seed % backbone.vocabulary), ...text])),
        mask: maskOf(texts.map(({ length }) => [...pad(length, 0), ...filled(length, 1)])),
        positions: idsOf(texts.map((text) => [...pad(text.length, 0), ...text.keys()])),
      });
      assert.ok(floatsOf(hidden).every(Number.isFinite));
      (await alone(plain, texts)).forEach((states, row) => {
        const end = (row + 1) * time * backbone.width;
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
    fc.asyncProperty(drawn({}, 10), steps, async ({ backbone, texts, seed }, steps) => {
      const parameters = randomParametersOf(backbone, seed);
      await using plain = await openPlain(backbone, parameters);
      await using session = await openCached(backbone, parameters);
      const time = Math.max(...texts.map((text) => text.length));
      const pad = (length: number) => filled(time - length, 0);
      const ids = texts.map((text) => [...pad(text.length), ...text]);
      const mask = texts.map(({ length }) => [...pad(length), ...filled(length, 1)]);
      const places = texts.map((text) => [...pad(text.length), ...text.keys()]);

      const { blocks: [{ keyHeads, size: headSize }], width } = backbone;
      const empty = [texts.length, keyHeads, 0, headSize];
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
  const [backbone] = fc.sample(backbones, { seed: 1, numRuns: 1 });
  await using session = await openPlain(backbone, randomParametersOf(backbone, 1));
  const run = (time: number) =>
    session.run({ ids: idsOf([filled(time, 0)]), mask: maskOf([filled(time, 1)]) });
  assert.deepEqual((await run(backbone.context)).hidden.dims, [backbone.context, backbone.width]);
  await assert.rejects(run(backbone.context + 1));
});

Deno.test("logits are products of hidden states with the rows of the output embedding", async () => {
  const [backbone] = fc.sample(backbones, { seed: 2, numRuns: 1 });
  const parameters = randomParametersOf(backbone, 1);
  const states = input("states", "float32", ["rows", backbone.width]);
  const logits = languageModelHead(backbone, parameters, states);
  assert.deepEqual(logits.shape, ["rows", backbone.vocabulary]);
  await using session = await Session.open(compile({ logits }), cpu);
  const h = Float32Array.from({ length: 2 * backbone.width }, (_, i) => Math.sin(i));
  const outputs = await session.run({ states: floats([2, backbone.width], h) });
  const { source } = outputEmbeddings(backbone, parameters);
  const embeddings = source.kind === "constant" ? source.data as Float32Array : new Float32Array();
  const expected = Array.from({ length: 2 * backbone.vocabulary }, (_, i) => {
    const row = Math.floor(i / backbone.vocabulary);
    const token = i % backbone.vocabulary;
    let sum = 0;
    for (let j = 0; j < backbone.width; j++) {
      sum += h[row * backbone.width + j] * embeddings[token * backbone.width + j];
    }
    return sum;
  });
  assert.ok(largestDifference(floatsOf(outputs.logits), expected) < 1e-5);
});
