import assert from "node:assert/strict";
import { Sampler } from "../../lib/decode/sampler.ts";
import { Random } from "../../lib/random.ts";
import { floats } from "../../lib/runtime/value.ts";

const logits = floats([2, 3], Float32Array.of(1, 3, 2, 6, 5, 4));
const streams = (...seeds: number[]) => seeds.map((seed) => new Random(seed));

Deno.test("temperature 0 takes the largest guided logit and draws no random numbers", async () => {
  await using plain = await Sampler.open([]);
  const untouched = streams(1, 2);
  const choice = await plain.choose(logits, undefined, 0, untouched);
  assert.deepEqual(choice.places, [1, 0]);
  assert.deepEqual([...choice.guided], [...logits.data as Float32Array]);
  assert.equal(untouched[0].uniform(), new Random(1).uniform());

  await using steered = await Sampler.open([{ label: "", beta: 8 }]);
  const rewards = floats([2, 1, 3], Float32Array.of(0, 0, 1, 0, 0.5, 0));
  const { places, guided } = await steered.choose(logits, rewards, 0, streams(1, 2));
  assert.deepEqual(places, [2, 1]);
  assert.deepEqual([...guided], [1, 3, 10, 6, 9, 4]);
});

Deno.test("a row's choice follows its own stream only", async () => {
  await using sampler = await Sampler.open([]);
  const one = (row: number) =>
    floats([1, 3], (logits.data as Float32Array).slice(3 * row, 3 * row + 3));
  for (let seed = 0; seed < 50; seed++) {
    const { places } = await sampler.choose(logits, undefined, 3, streams(seed, 100 + seed));
    const [first] = (await sampler.choose(one(0), undefined, 3, streams(seed))).places;
    const [second] = (await sampler.choose(one(1), undefined, 3, streams(100 + seed))).places;
    assert.deepEqual(places, [first, second]);
  }
});

Deno.test("lower temperatures take the likeliest more often", async () => {
  await using sampler = await Sampler.open([]);
  const rows = 2000;
  const same = floats([rows, 2], Float32Array.from({ length: 2 * rows }, (_, i) => i % 2));
  const share = async (temperature: number) => {
    const random = Array.from({ length: rows }, (_, row) => new Random(row));
    const { places } = await sampler.choose(same, undefined, temperature, random);
    return places.filter((place) => place === 1).length / rows;
  };
  for (const temperature of [0.25, 1, 4]) {
    const expected = 1 / (1 + Math.exp(-1 / temperature));
    assert.ok(Math.abs(await share(temperature) - expected) < 0.03);
  }
});
