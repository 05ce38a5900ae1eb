import assert from "node:assert/strict";
import { Noise } from "../../lib/decode/draw.ts";
import { Drawer } from "../../lib/decode/drawer.ts";
import { Random } from "../../lib/random.ts";
import { floats, type Value } from "../../lib/runtime/value.ts";

const guided = floats([2, 3], Float32Array.of(1, 3, 2, 6, 5, 4));
const streams = (...seeds: number[]) => seeds.map((seed) => new Random(seed));
const one = (row: number): Value =>
  floats([1, 3], (guided.data as Float32Array).slice(3 * row, 3 * row + 3));

Deno.test("temperature 0 takes the largest guided logit and draws no random numbers", async () => {
  await using drawer = await Drawer.open({ temperature: 0 });
  const untouched = streams(1, 2);
  assert.deepEqual(await drawer.draw(guided, new Noise(untouched, 3, 0).take()), [1, 0]);
  assert.equal(untouched[0].uniform(), new Random(1).uniform());
});

Deno.test("temperatures so low that float32 cannot divide by them take the largest guided logit, too", async () => {
  for (const temperature of [1e-300, 1e-50, 1e-45, 1e-40, 1.2e-38, 1e-36, 1e-31, 1e-30, 1e-20]) {
    await using drawer = await Drawer.open({ temperature });
    const places = await drawer.draw(guided, new Noise(streams(1, 2), 3, temperature).take());
    assert.deepEqual(places, [1, 0], `${temperature}`);
  }
});

Deno.test("a row's choice follows its own stream only", async () => {
  await using drawer = await Drawer.open({ temperature: 3 });
  for (let seed = 0; seed < 50; seed++) {
    const both = await drawer.draw(guided, new Noise(streams(seed, 100 + seed), 3, 3).take());
    const [first] = await drawer.draw(one(0), new Noise(streams(seed), 3, 3).take());
    const [second] = await drawer.draw(one(1), new Noise(streams(100 + seed), 3, 3).take());
    assert.deepEqual(both, [first, second]);
  }
});

Deno.test("lower temperatures take the likeliest more often", async () => {
  const rows = 2000;
  const same = floats([rows, 2], Float32Array.from({ length: 2 * rows }, (_, i) => i % 2));
  for (const temperature of [0.25, 1, 4]) {
    await using drawer = await Drawer.open({ temperature });
    const random = Array.from({ length: rows }, (_, row) => new Random(row));
    const places = await drawer.draw(same, new Noise(random, 2, temperature).take());
    const share = places.filter((place) => place === 1).length / rows;
    const expected = 1 / (1 + Math.exp(-1 / temperature));
    assert.ok(Math.abs(share - expected) < 0.03);
  }
});

Deno.test("what is not in the nucleus is never drawn, and the nucleus is that of the tempered softmax", async () => {
  const rows = 500;
  // at temperature 1 the likeliest has 0.58 of the probability, at temperature 4 less than 0.4
  const logits = floats([rows, 3], Float32Array.from({ length: 3 * rows }, (_, i) => 2 - i % 3));
  const drawn = async (temperature: number) => {
    await using drawer = await Drawer.open({ temperature, topP: 0.5 });
    const random = Array.from({ length: rows }, (_, row) => new Random(row));
    const places = await drawer.draw(logits, new Noise(random, 3, temperature).take());
    return [...new Set(places)].sort();
  };
  assert.deepEqual(await drawn(1), [0]);
  assert.deepEqual(await drawn(4), [0, 1]);
});

Deno.test("noise is the same taken step by step or ahead, also when rows go in between", () => {
  const ahead = new Noise(streams(1, 2, 3), 2, 1);
  const single = new Noise(streams(1, 2, 3), 2, 1);
  const rowsOf = (value: Value, step: number) => {
    const [, rows, k] = value.dims;
    return [...(value.data as Float32Array).slice(step * rows * k, (step + 1) * rows * k)];
  };
  const take = () => [...single.take().data as Float32Array];
  const four = ahead.next(4);
  assert.deepEqual(four.dims, [4, 3, 2]);
  assert.deepEqual(rowsOf(four, 0), take());
  assert.deepEqual(rowsOf(four, 1), take());
  ahead.use(2);
  for (const noise of [ahead, single]) noise.select([0, 2]);
  const two = ahead.next(2);
  assert.deepEqual(rowsOf(two, 0), take());
  assert.deepEqual(rowsOf(two, 1), take());
});
