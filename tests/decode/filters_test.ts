import assert from "node:assert/strict";
import fc from "fast-check";
import { filterByClass, minP, nucleus } from "../../lib/decode/filters.ts";
import { div } from "../../lib/graph/ops/mod.ts";
import { compile } from "../../lib/graph/program.ts";
import { input } from "../../lib/graph/tensor.ts";
import { Session } from "../../lib/runtime/session.ts";
import { floats } from "../../lib/runtime/value.ts";
import { cpu, floatsOf } from "../run_graph.ts";

const perToken = ["batch", "k"];
const row = { minLength: 1, maxLength: 12 };

/** Different numbers in any order, far enough apart that rounding does not reorder them. */
const logits = fc.uniqueArray(fc.integer({ min: -40, max: 40 }), row)
  .map((values) => values.map((value) => value / 8));

const softmaxOf = (x: readonly number[]): number[] => {
  const exps = x.map((value) => Math.exp(value - Math.max(...x)));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((value) => value / sum);
};

const scalarOf = (x: number) => floats([], Float32Array.of(x));
const rowOf = (x: readonly number[]) => floats([1, x.length], Float32Array.from(x));

async function openNucleus(): Promise<Session> {
  const kept = nucleus(input("logits", "float32", perToken), input("p", "float32", []));
  return await Session.open(compile({ kept }), cpu, { threads: 1 });
}

Deno.test("a token stays in the nucleus while the probability of more probable ones is at most p", async () => {
  await using session = await openNucleus();
  await fc.assert(
    fc.asyncProperty(
      logits,
      fc.double({ min: 0, max: 0.999, noNaN: true }).map(Math.fround),
      async (x, p) => {
        const probabilities = softmaxOf(x);
        const before = x.map((own) =>
          probabilities.reduce((sum, other, i) => x[i] > own ? sum + other : sum, 0)
        );
        fc.pre(before.every((sum) => Math.abs(sum - p) > 1e-5 || sum === 0));
        const { kept } = await session.run({ logits: rowOf(x), p: scalarOf(p) });
        assert.deepEqual(
          [...floatsOf(kept)],
          x.map((value, i) => before[i] <= p ? value : -Infinity),
        );
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

Deno.test("a nucleus of probability 1 keeps every token, whatever rounding does", async () => {
  await using session = await openNucleus();
  await fc.assert(
    fc.asyncProperty(logits, async (x) => {
      const { kept } = await session.run({ logits: rowOf(x), p: scalarOf(1) });
      assert.deepEqual([...floatsOf(kept)], x);
    }),
    { numRuns: 30, seed: 1 },
  );
});

Deno.test("tokens that were left out before stay out, and each row has its own nucleus", async () => {
  await using session = await openNucleus();
  const { kept } = await session.run({
    logits: floats([2, 3], Float32Array.of(-Infinity, 3, 0, 1, 1, 1)),
    p: scalarOf(0.5),
  });
  assert.deepEqual([...floatsOf(kept)], [-Infinity, 3, -Infinity, 1, 1, 1]);
});

Deno.test("min-p keeps what transformers keeps, after temperature and nucleus", async () => {
  const rows = [
    [1.5, -0.25, 0, 3.25, -2, 0.75, 2.5, -1.125],
    [0.1, 0.2, -0.3, 0.4, -0.5, 0.6, -0.7, 0.8],
  ];
  const one = (name: string) => input(name, "float32", []);
  const scaled = div(input("logits", "float32", perToken), one("temperature"));
  const p = one("p");
  await using session = await Session.open(
    compile({
      kept: minP(scaled, p),
      ofNucleus: minP(nucleus(scaled, one("top_p")), p),
    }),
    cpu,
    { threads: 1 },
  );
  // temperature, p, top p and what MinPLogitsWarper leaves of both rows, alone and after TopPLogitsWarper
  const cases: [number, number, "kept" | "ofNucleus", string][] = [
    [1, 0.1, "kept", "10010010 11111111"],
    [0.5, 0.2, "kept", "00010010 11010101"],
    [2, 0.5, "kept", "00010010 11111101"],
    [1.5, 0.3, "ofNucleus", "10010010 11111101"],
    [1, 1, "kept", "00010000 00000001"],
    [1, 0, "kept", "11111111 11111111"],
  ];
  for (const [temperature, least, output, expected] of cases) {
    const outputs = await session.run({
      logits: floats([2, 8], Float32Array.from(rows.flat())),
      temperature: scalarOf(temperature),
      p: scalarOf(least),
      top_p: scalarOf(0.9),
    });
    const stays = Array.from(floatsOf(outputs[output]), (x) => x > -Infinity ? 1 : 0).join("");
    assert.equal(`${stays.slice(0, 8)} ${stays.slice(8)}`, expected);
  }
});

Deno.test("GeDi's filter takes the least desired tokens away, up to a probability and a class probability", async () => {
  const filtered = filterByClass(
    input("logits", "float32", perToken),
    input("desired", "float32", perToken),
    input("filter_p", "float32", []),
    input("target_p", "float32", []),
  );
  await using session = await Session.open(compile({ filtered }), cpu, { threads: 1 });
  const share = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround);
  await fc.assert(
    fc.asyncProperty(
      logits,
      fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 12, maxLength: 12 }),
      share,
      share,
      async (x, percent, filterP, targetP) => {
        const probabilities = softmaxOf(x);
        const desired = x.map((_, i) => percent[i] / 100);
        const accumulated = desired.map((own) =>
          probabilities.reduce((sum, other, i) => desired[i] <= own ? sum + other : sum, 0)
        );
        const near = (a: number, b: number) => Math.abs(a - b) < 1e-5;
        fc.pre(!accumulated.some((sum) => near(sum, filterP)));
        fc.pre(!desired.some((p) => near(p, targetP)));
        const { filtered } = await session.run({
          logits: rowOf(x),
          desired: rowOf(desired.map(Math.log)),
          filter_p: scalarOf(filterP),
          target_p: scalarOf(targetP),
        });
        assert.deepEqual(
          [...floatsOf(filtered)],
          x.map((value, i) =>
            accumulated[i] < filterP && desired[i] < targetP ? Math.fround(value - 10_000) : value
          ),
        );
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});
