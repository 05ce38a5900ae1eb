import assert from "node:assert/strict";
import fc from "fast-check";
import { reshape } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import { type LayerCache } from "../../lib/models/backbone.ts";
import { forward } from "../../lib/models/forward.ts";
import type { Backbone } from "../../lib/models/backbone.ts";
import { forwardStep, type Past } from "../../lib/models/step.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats, integers, type Value } from "../../lib/runtime/value.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { backbones, randomParametersOf, textsOf } from "./random_backbone.ts";

/** Float32 rounding of a few blocks, on hidden states of the order of 1 to 5. */
const tolerance = 2e-5;

const layersOf = ({ blocks }: Backbone, stretch: string): LayerCache[] =>
  blocks.map(({ keyHeads, size }, i) => {
    const [key, value] = ["key", "value"].map((side) =>
      input(`${stretch}.${i}.${side}`, "float32", ["batch", keyHeads, stretch, size])
    );
    return { key, value };
  });

/** Some columns of keys and values `[batch, heads, columns, size]`, as a tensor of `room` columns with rubbish behind. */
function columnsOf(value: Value, from: number, to: number, room = to - from): Value {
  const [batch, heads, columns, size] = value.dims;
  const all = floatsOf(value);
  const picked = new Float32Array(batch * heads * room * size).fill(7);
  for (let stretch = 0; stretch < batch * heads; stretch++) {
    const start = stretch * columns * size;
    picked.set(all.subarray(start + from * size, start + to * size), stretch * room * size);
  }
  return floats([batch, heads, room, size], picked);
}

const cases = backbones.chain((backbone) =>
  fc.record({
    backbone: fc.constant(backbone),
    texts: textsOf(backbone, { minLength: 2 }, 8),
    settled: fc.nat(8),
    fresh: fc.nat(8),
    spare: fc.integer({ min: 0, max: 3 }),
    stretches: fc.constantFrom<("settled" | "fresh")[]>(["settled", "fresh"], ["settled"], [
      "fresh",
    ]),
    seed: fc.nat(),
  })
);

Deno.test("texts read in stretches have the hidden states of whole texts, whatever the padding", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ backbone, texts, settled, fresh, spare, stretches, seed }) => {
      const parameters = randomParametersOf(backbone, seed);
      const columns = Math.max(...texts.map(({ length }) => length));
      const rows = texts.length;
      const ids = (from: number, to: number) =>
        integers(
          [rows, to - from],
          texts.flatMap((text) =>
            [...Array(columns - text.length).fill(0), ...text].slice(from, to)
          ),
        );
      const padding = integers([rows], texts.map(({ length }) => columns - length));
      const tokens = input("ids", "int64", ["batch", "time"]);
      const paddingInput = input("padding", "int64", ["batch"]);

      // all at once, with nothing before
      const whole = forwardStep(backbone, parameters, tokens, { padding: paddingInput });
      const names = whole.fresh.flatMap(({ key, value }, i) =>
        [[`${i}.key`, key], [`${i}.value`, value]] as const
      );
      const hidden = reshape(whole.hidden, ["batch", "time", backbone.width]);
      await using wholeSession = await Session.open(
        compile({ hidden, ...Object.fromEntries(names) }),
        cpu,
        { threads: 1 },
      );
      const all = await wholeSession.run({ ids: ids(0, columns), padding });

      // the same, the first columns of it settled, the next fresh
      const first = stretches.includes("settled") ? Math.min(settled, columns - 1) : 0;
      const second = stretches.includes("fresh") ? Math.min(first + fresh, columns - 1) : first;
      const past: Past = {
        padding: paddingInput,
        settled: stretches.includes("settled")
          ? { layers: layersOf(backbone, "settled"), length: input("length", "int64", [1]) }
          : undefined,
        fresh: stretches.includes("fresh") ? layersOf(backbone, "fresh") : undefined,
      };
      const step = forwardStep(backbone, parameters, tokens, past);
      await using session = await Session.open(
        compile({ hidden: reshape(step.hidden, ["batch", "time", backbone.width]) }),
        cpu,
        { threads: 1 },
      );
      const feeds: Record<string, Value> = { ids: ids(second, columns), padding };
      if (past.settled) feeds.length = integers([1], [first]);
      for (const [name] of names) {
        if (past.settled) {
          feeds[`settled.${name}`] = columnsOf(all[name], 0, first, Math.max(1, first + spare));
        }
        if (past.fresh) feeds[`fresh.${name}`] = columnsOf(all[name], first, second);
      }
      const known = Object.entries(feeds).filter(([name]) => session.program.inputs.has(name));
      const { hidden: read } = await session.run(Object.fromEntries(known));

      // and every text by itself, without padding
      const plain = forward(backbone, parameters, {
        ids: tokens,
        mask: input("mask", "float32", ["batch", "time"]),
      });
      await using alone = await Session.open(compile({ hidden: plain.hidden }), cpu, {
        threads: 1,
      });
      const { width } = backbone;
      for (const [row, text] of texts.entries()) {
        const { hidden: expected } = await alone.run({
          ids: integers([1, text.length], text),
          mask: floats([1, text.length], new Float32Array(text.length).fill(1)),
        });
        const last = floatsOf(expected).slice(-width);
        for (const [states, time] of [[all.hidden, columns], [read, columns - second]] as const) {
          const end = (row + 1) * time * width;
          const actual = floatsOf(states).slice(end - width, end);
          assert.ok(largestDifference(actual, last) <= tolerance);
        }
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

Deno.test("lone tokens are each read as if the others of the step were not there", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ backbone, texts, spare, seed }) => {
      const parameters = randomParametersOf(backbone, seed);
      const columns = Math.max(...texts.map(({ length }) => length));
      const rows = texts.length;
      const padding = integers([rows], texts.map(({ length }) => columns - length));
      const tokens = input("ids", "int64", ["batch", "time"]);
      const paddingInput = input("padding", "int64", ["batch"]);
      const read = forwardStep(backbone, parameters, tokens, { padding: paddingInput });
      const caches = read.fresh.flatMap(({ key, value }, i) =>
        [[`${i}.key`, key], [`${i}.value`, value]] as const
      );
      await using reader = await Session.open(compile(Object.fromEntries(caches)), cpu, {
        threads: 1,
      });
      const known = await reader.run({
        ids: integers(
          [rows, columns],
          texts.flatMap((text) => [...Array(columns - text.length).fill(0), ...text]),
        ),
        padding,
      });
      const past: Past = {
        padding: paddingInput,
        settled: { layers: layersOf(backbone, "settled"), length: input("length", "int64", [1]) },
      };
      const step = forwardStep(backbone, parameters, tokens, past, { alone: true });
      await using session = await Session.open(compile({ hidden: step.hidden }), cpu, {
        threads: 1,
      });
      const feeds: Record<string, Value> = { padding, length: integers([1], [columns]) };
      for (const [name] of caches) {
        feeds[`settled.${name}`] = columnsOf(known[name], 0, columns, columns + spare);
      }
      const candidates = texts.map((_, row) =>
        Array.from({ length: 3 }, (_, i) => (row + i) % backbone.vocabulary)
      );
      const together = await session.run({ ids: integers([rows, 3], candidates.flat()), ...feeds });
      for (let i = 0; i < 3; i++) {
        const one = await session.run({
          ids: integers([rows, 1], candidates.map((row) => row[i])),
          ...feeds,
        });
        for (let row = 0; row < rows; row++) {
          const of = (value: Value, at: number) =>
            floatsOf(value).slice(at * backbone.width, (at + 1) * backbone.width);
          const difference = largestDifference(
            of(together.hidden, 3 * row + i),
            of(one.hidden, row),
          );
          assert.ok(difference <= tolerance);
        }
      }
    }),
    { numRuns: 20, seed: 1 },
  );
});
