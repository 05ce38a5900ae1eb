import assert from "node:assert/strict";
import { drawTexts } from "../../lib/whole_texts/draw_texts.ts";
import { letters } from "../bases/letters.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import {
  distanceFrom,
  divergenceOf,
  idsOf,
  type Law,
  lawsAfter,
  length,
  type NextAfter,
  rewardOf,
  scorer,
  topK,
  unguided,
} from "./enumerated.ts";

interface Rule {
  readonly beta: number;
  readonly entropyThreshold: number;
  readonly minSegment: number;
  readonly maxSegment: number;
  readonly maxTries: number;
  readonly targetReward: number;
  readonly firstTarget: number;
}

interface Share {
  readonly ids: readonly number[];
  readonly p: number;
}

const entropyOf = (next: ReturnType<NextAfter>) =>
  next.reduce((sum, { p }) => sum - p * Math.log(p), 0);

const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

/** All segments that can follow a text, with their probabilities. */
function segmentsAfter(text: readonly number[], next: NextAfter, rule: Rule): Share[] {
  const grow = (ids: readonly number[], p: number): Share[] => {
    const own = ids.length - text.length;
    const isDone = ids.length === length || own === rule.maxSegment ||
      (own >= rule.minSegment && entropyOf(next(ids)) >= rule.entropyThreshold);
    return isDone ? [{ ids, p }] : next(ids).flatMap(({ id, p: q }) => grow([...ids, id], p * q));
  };
  return grow(text, 1);
}

/** The law of the segment that is taken: one that is accepted, or the best of all tries. */
function takenOf(segments: readonly Share[], rule: Rule): Share[] {
  const { beta, targetReward: target, firstTarget, maxTries } = rule;
  const start = (1 - firstTarget) * rewardOf([]) + firstTarget * target;
  const chance = segments.map(({ ids }) => {
    const tau = Math.min(target, start + ids.length * (target - start) / length);
    return Math.min(1, Math.exp(beta * (rewardOf(ids) - tau)));
  });
  const accepted = sum(segments.map(({ p }, i) => p * chance[i]));
  const refusals = maxTries - 1;
  const ranOut = (1 - accepted) ** refusals;
  const refused = segments.map(({ p }, i) => p * (1 - chance[i]) / (1 - accepted));
  // the last candidate is not asked for; of all of them the first of the best is taken
  const laws = [...Array(refusals).fill(refused), segments.map(({ p }) => p)] as number[][];
  const below = (law: readonly number[], is: (reward: number) => boolean) =>
    sum(segments.map(({ ids }, i) => is(rewardOf(ids)) ? law[i] : 0));
  return segments.map(({ ids, p }, i) => {
    const reward = rewardOf(ids);
    const best = sum(laws.map((law, at) =>
      laws.reduce(
        (product, other, place) =>
          place === at
            ? product
            : product * below(other, place < at ? (r) => r < reward : (r) => r <= reward),
        law[i],
      )
    ));
    const taken = p * chance[i] * (1 - ranOut) / accepted;
    return { ids, p: taken + (ranOut > 1e-12 ? ranOut * best : 0) };
  });
}

function lawOf(next: NextAfter, rule: Rule): Law {
  const law = new Map<string, number>();
  const visit = (text: readonly number[], q: number): void => {
    for (const { ids, p } of takenOf(segmentsAfter(text, next, rule), rule)) {
      if (ids.length < length) visit(ids, q * p);
      else law.set(`${ids}`, (law.get(`${ids}`) ?? 0) + q * p);
    }
  };
  visit([], 1);
  return law;
}

const authors: Rule = {
  beta: 3,
  entropyThreshold: 1.03,
  minSegment: 1,
  maxSegment: 2,
  maxTries: 3,
  targetReward: 0.9,
  firstTarget: 0.5,
};

const draw = async (
  rule: Rule,
  test: (next: NextAfter, drawn: {
    readonly texts: readonly (readonly number[])[];
    readonly divergence: number;
    readonly ranOut: number;
    readonly exhausted: number;
  }) => void,
) => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const prompt = [7, 30];
    const next = await lawsAfter(base, prompt);
    const { ids: [texts], divergences: [divergence], exhausted: [exhausted], ranOut } =
      await drawTexts(
        base,
        letters,
        [letters.decode(prompt)],
        {
          ...rule,
          method: "cards",
          reward: { rater: scorer },
          ...{ topK, maxNewTokens: length, ends: [], samples: 1000, batchSize: 1000 },
          progress: false,
        },
      );
    test(next, { texts, divergence, ranOut, exhausted });
  });
};

Deno.test("texts have the law of segments that are cut by doubt and accepted by the rising threshold, or the best of the tries", async () => {
  await draw(authors, (next, { texts, divergence, ranOut, exhausted }) => {
    const [p, q] = [unguided(next), lawOf(next, authors)];
    assert.ok(Math.abs(sum(q.values()) - 1) < 1e-9);
    const segments = segmentsAfter([], next, authors).map(({ ids }) => ids.length);
    assert.ok(segments.includes(1) && segments.includes(2), "segments are cut by doubt");
    // a text has two segments and more
    assert.ok(ranOut > 0.05 && exhausted / texts.length > ranOut && exhausted < texts.length);
    assert.ok(distanceFrom(q, texts) < 4);
    assert.ok(distanceFrom(p, texts) > 30, "and could be told from texts that were not chosen");
    assert.ok(divergence > divergenceOf(q, p), "with tries that ran out it is an upper bound");
  });
});

Deno.test("with tries enough the divergence is that of the law, and one segment is drawn from the optimum itself", async () => {
  const patient = { ...authors, beta: 2, maxTries: 10_000 };
  await draw(patient, (next, { texts, divergence, ranOut, exhausted }) => {
    const [p, q] = [unguided(next), lawOf(next, { ...patient, maxTries: 200 })];
    assert.deepEqual([ranOut, exhausted], [0, 0]);
    assert.ok(distanceFrom(q, texts) < 4);
    assert.ok(Math.abs(divergence - divergenceOf(q, p)) < 0.1);
  });
  const whole = { ...patient, minSegment: length, maxSegment: length, firstTarget: 1 };
  await draw({ ...whole, targetReward: 1 }, (next, { texts }) => {
    const p = unguided(next);
    const weights = new Map([...p].map(([text, share]) => [
      text,
      share * Math.exp(whole.beta * rewardOf(idsOf(text))),
    ]));
    const z = sum(weights.values());
    const optimum = new Map([...weights].map(([text, weight]) => [text, weight / z]));
    assert.ok(distanceFrom(optimum, texts) < 4);
  });
});

Deno.test("a text is the same whatever is drawn beside it, and ends where the base model ends it", async () => {
  await withTinyModels(async ({ bases: { lm: base } }) => {
    const prompts = [[7, 30], [12], [9, 8]].map(letters.decode);
    const drawn = async (some: readonly string[], batchSize: number, firstPrompt: number) => {
      const { ids, finished } = await drawTexts(base, letters, some, {
        ...authors,
        method: "cards",
        reward: { rater: scorer },
        ...{ topK: 8, maxNewTokens: 12, samples: 4, seed: 3, batchSize, firstPrompt },
        progress: false,
      });
      assert.ok(finished);
      return ids;
    };
    const together = await drawn(prompts, 100, 0);
    assert.deepEqual(await drawn(prompts, 5, 0), together);
    assert.deepEqual(await drawn(prompts.slice(1), 1, 1), together.slice(1));
    const lengths = together.flat().map(({ length }) => length);
    assert.ok(lengths.some((length) => length < 12) && lengths.every((length) => length <= 12));
    assert.ok(together.flat(2).every((id) => !base.ends.includes(id)));
  });
});
