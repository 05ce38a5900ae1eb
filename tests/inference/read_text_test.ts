import fc from "fast-check";
import assert from "node:assert/strict";
import type { Part } from "../../lib/inference/part.ts";
import { ReadText } from "../../lib/inference/read_text.ts";

const shapes = [{ heads: 2, size: 3 }, { heads: 1, size: 2 }];
const part = (running: Part["running"]): Part => ({
  caches: shapes,
  running,
  context: 100,
  begin: (prompt) => prompt,
});

/** What stands in a cache for a token, so that tokens can be told from what was copied. */
const valueOf = (token: number, cache: number, head: number, at: number) =>
  token + cache / 10 + head / 100 + at / 1000;

/** A stretch of tokens as the second text of a batch of two, as a graph would give it. */
function stretchOf(tokens: readonly number[]) {
  const caches = shapes.flatMap(({ heads, size }, layer) =>
    [0, 1].map((side) => {
      const values: number[] = [];
      for (let row = 0; row < 2; row++) {
        for (let head = 0; head < heads; head++) {
          for (const token of tokens) {
            for (let at = 0; at < size; at++) {
              values.push(row === 0 ? -1 : valueOf(token, 2 * layer + side, head, at));
            }
          }
        }
      }
      return Float32Array.from(values);
    })
  );
  const carried = { last: Float32Array.of(tokens.at(-1)!) };
  return { tokens, caches, row: 1, carried };
}

/** Its columns are those of its tokens, at the end of a wider batch. */
function checkColumns(read: ReadText, length: number): void {
  const columns = length + 2;
  for (let cache = 0; cache < 4; cache++) {
    const { heads, size } = shapes[cache >> 1];
    const to = new Float32Array(2 * heads * columns * size);
    read.copyTo(cache, length, to, 1, columns);
    const expected = new Float32Array(to.length);
    for (let head = 0; head < heads; head++) {
      read.tokens.slice(0, length).forEach((token, i) => {
        for (let at = 0; at < size; at++) {
          const column = (heads + head) * columns + 2 + i;
          expected[column * size + at] = valueOf(token, cache, head, at);
        }
      });
    }
    assert.deepEqual(to, expected);
  }
}

Deno.test("texts that begin alike keep their own keys and values, however they part ways and go back", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          of: fc.nat(),
          kept: fc.nat(),
          tokens: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      (moves) => {
        const texts = [ReadText.begin(part([]))];
        for (const { of, kept, tokens } of moves) {
          const from = texts[of % texts.length];
          const length = kept % (from.tokens.length + 1);
          const read = from.with(length, stretchOf(tokens));
          assert.deepEqual(read.tokens, [...from.tokens.slice(0, length), ...tokens]);
          texts.push(read);
          for (const text of texts) checkColumns(text, text.tokens.length);
        }
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

Deno.test("reading goes on from the last token that two texts have in common, where all is known that is carried", () => {
  const read = (running: Part["running"]) =>
    ReadText.begin(part(running)).with(0, stretchOf([1, 2, 3])).with(3, stretchOf([4, 5]));
  const plain = read([]);
  assert.equal(plain.commonWith([1, 2, 9]), 2);
  assert.equal(plain.commonWith([1, 2, 3, 4, 5, 6]), 5);
  assert.equal(plain.commonWith([1, 2, 3, 4, 5]), 4, "the last token is read");
  assert.equal(plain.commonWith([]), 0);
  const carrying = read([{ name: "last", shape: [1] }]);
  assert.equal(carrying.commonWith([1, 2, 3, 4, 9]), 3);
  assert.equal(carrying.commonWith([1, 2, 9]), 0);
  assert.deepEqual(carrying.carriedAt(5), { last: Float32Array.of(5) });
  assert.equal(carrying.carriedAt(0), undefined);
});
