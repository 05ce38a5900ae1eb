import fc from "fast-check";
import assert from "node:assert/strict";
import { topCandidates } from "../../lib/bases/top_candidates.ts";

Deno.test("the top candidates are those of a sorted row, the lower place first where logits are equal", () => {
  const logit = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true }),
    fc.constantFrom(-Infinity, Infinity, 0, -0),
  );
  fc.assert(
    fc.property(fc.array(logit, { minLength: 1, maxLength: 60 }), fc.nat(), (logits, seed) => {
      const row = Float32Array.from(logits);
      const k = 1 + seed % row.length;
      const sorted = [...row.keys()].sort((a, b) => row[a] === row[b] ? a - b : row[b] - row[a]);
      const { places, logits: top } = topCandidates(row, k);
      assert.deepEqual(places, sorted.slice(0, k));
      assert.deepEqual(top, places.map((place) => row[place]));
    }),
    { numRuns: 300, seed: 1 },
  );
});

Deno.test("NaN is a candidate only where there is too little else", () => {
  const row = Float32Array.of(NaN, 1, NaN, 3, 2, NaN);
  assert.deepEqual(topCandidates(row, 3).places, [3, 4, 1]);
  assert.deepEqual(topCandidates(row, 4).places, [3, 4, 1, 0]);
});
