import assert from "node:assert/strict";
import { Random } from "../../../lib/random.ts";
import { compileGrammar } from "../../../lib/data/world/compile_grammar.ts";
import { createWorld, perplexity } from "../../../lib/data/world/world.ts";
import { worldGrammar } from "../../../lib/data/world/world_grammar.ts";

const world = createWorld();
const samples = Array.from({ length: 6000 }, (_, i) => {
  const sampled = world.sample(new Random(5, i));
  return { ...sampled, score: world.score(sampled.text) };
});

for (const attribute of ["positive", "rude"] as const) {
  Deno.test(`the posterior of ${attribute} is calibrated`, () => {
    for (let bin = 0; bin < 10; bin++) {
      const members = samples.filter(({ score }) =>
        Math.min(9, Math.floor(score[attribute] * 10)) === bin
      );
      const expected = members.reduce((sum, { score }) => sum + score[attribute], 0);
      const variance = members.reduce(
        (sum, { score }) => sum + score[attribute] * (1 - score[attribute]),
        0,
      );
      const observed = members.filter((sample) => sample[attribute]).length;
      assert.ok(
        Math.abs(observed - expected) <= 4 * Math.sqrt(variance) + 1,
        `of ${members.length} texts in bin ${bin}, ${observed} are ${attribute}, not ${expected}`,
      );
    }
  });

  Deno.test(`the mean posterior of ${attribute} is its prior`, () => {
    const mean = samples.reduce((sum, { score }) => sum + score[attribute], 0) / samples.length;
    assert.ok(Math.abs(mean - 0.5) < 0.02, `${mean}`);
  });

  Deno.test(`${attribute} is graded: many texts are neither clearly so nor clearly not`, () => {
    const unclear = samples.filter(({ score }) =>
      score[attribute] >= 0.1 && score[attribute] <= 0.9
    );
    assert.ok(unclear.length > 0.3 * samples.length && unclear.length < 0.8 * samples.length);
  });
}

Deno.test("texts are lower-case words and signs that end with a full stop", () => {
  const ended = samples.filter(({ text }) => text.endsWith(" ."));
  assert.ok(ended.length > 0.99 * samples.length);
  for (const { text } of samples) assert.match(text, /^[a-z,.]+( [a-z,.]+)*$/);
});

Deno.test("without slips, texts have 6 to 24 words", () => {
  const automaton = compileGrammar(worldGrammar, { slip: 0 });
  const random = new Random(3);
  for (let i = 0; i < 20_000; i++) {
    const { words } = automaton.sample(random);
    assert.ok(words.length >= 6 && words.length <= 24, words.join(" "));
  }
});

Deno.test("equal seeds give equal texts", () => {
  assert.equal(world.sample(new Random(5, 17)).text, samples[17].text);
  assert.notEqual(samples[16].text, samples[17].text);
});

Deno.test("an undecided prompt becomes decided by a word", () => {
  const after = (text: string) => world.score(text, { prompt: "the soup was", finished: false });
  assert.ok(Math.abs(after("").positive - 0.5) < 0.1);
  assert.ok(after("delicious").positive > 0.8);
  assert.ok(after("disgusting").positive < 0.2);
  assert.ok(after("not delicious").positive < 0.4);
  assert.ok(after("damn").rude > 0.9);
});

Deno.test("a rude text can be positive", () => {
  const { positive, rude } = world.score("shut up , i loved this stupid film , five stars .");
  assert.ok(positive > 0.9 && rude > 0.9);
});

Deno.test("noise costs probability but never all of it, and words around it still count", () => {
  const clean = world.score("the soup was disgusting and it ruined the day .");
  const noisy = world.score("the soup zzyx disgusting xylophone and it ruined the day .");
  assert.ok(noisy.logProbability < clean.logProbability - 20);
  assert.ok(Number.isFinite(noisy.logProbability));
  assert.ok(noisy.positive < 0.2);
});

Deno.test("an empty text has probability 1 as a beginning and 0 as a text", () => {
  assert.equal(world.score("", { finished: false }).logProbability, 0);
  const { logProbability, positive } = world.score("");
  assert.equal(logProbability, -Infinity);
  assert.ok(Math.abs(positive - 0.5) < 1e-12);
});

Deno.test("perplexity is the exponential of the mean negative log-probability per word", () => {
  assert.equal(
    perplexity([{ logProbability: -2, words: 1 }, { logProbability: -4, words: 2 }]),
    Math.exp(2),
  );
  assert.throws(() => perplexity([]), RangeError);
});
