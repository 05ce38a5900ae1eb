import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import fc from "fast-check";
import assert from "node:assert/strict";
import { generate, type Generation, type Guide } from "../../lib/decode/generate.ts";
import type { GenerateOptions, StepTrace } from "../../lib/decode/generate_options.ts";
import {
  baseNames,
  type GuideName,
  guideNames,
  type TinyModels,
  withTinyModels,
} from "../open_tiny_models.ts";
import { openOwnBase } from "../../lib/bases/own_base.ts";
import { randomParametersOf } from "../models/random_backbone.ts";
import { tinyBackbone, tinySizes } from "../tiny_models.ts";

const { vocabulary, context: positions, endOfText } = tinyBackbone;

/** One row of one step, copied out of the trace. */
interface TracedRow {
  readonly prompt: number;
  readonly sample: number;
  /** What stood before: the prompt and what was generated. */
  readonly prefix: readonly number[];
  readonly candidates: readonly number[];
  readonly logits: readonly number[];
  readonly guided: readonly number[];
  readonly taken: number;
}

/** Collects every row of every step. */
class Tracer {
  readonly rows: TracedRow[] = [];
  readonly #texts = new Map<string, number[]>();

  constructor(readonly prompts: readonly (readonly number[])[]) {}

  readonly onStep = ({ rows, candidates, logits, guided, places }: StepTrace): void => {
    const [, k] = candidates.dims;
    rows.forEach(({ prompt, sample }, row) => {
      const key = `${prompt} ${sample}`;
      const prefix = this.#texts.get(key) ?? [...this.prompts[prompt]];
      const part = (values: ArrayLike<number | bigint>) =>
        Array.from({ length: k }, (_, i) => Number(values[row * k + i]));
      const ids = part(candidates.data as BigInt64Array);
      const taken = ids[places[row]];
      this.rows.push({
        prompt,
        sample,
        prefix: [...prefix],
        candidates: ids,
        logits: part(logits.data as Float32Array),
        guided: part(guided.data as Float32Array),
        taken,
      });
      this.#texts.set(key, [...prefix, taken]);
    });
  };
}

type GuideSettings = {
  readonly name: GuideName;
  readonly steering: readonly { label: number; beta: number; inverse: boolean }[];
};

/** Guides as `generate` takes them; labels are given by their place, wrapped around. */
function guidesOf({ guides }: TinyModels, settings: readonly GuideSettings[]): Guide[] {
  return settings.map(({ name, steering }) => {
    const model = guides[name];
    return {
      model,
      steering: steering.map(({ label, ...rest }) => ({
        label: model.labels[label % model.labels.length],
        ...rest,
      })),
    };
  });
}

/** Equation (1) from whole texts: what must be added to the logits of each row's candidates. */
async function wholeTextGuidance(
  { whole }: TinyModels,
  settings: readonly GuideSettings[],
  rows: readonly TracedRow[],
): Promise<number[][]> {
  const added = rows.map(({ candidates }) => candidates.map(() => 0));
  for (const { name, steering } of settings) {
    const rewards = await whole[name].rewards(
      rows.map(({ prefix }) => prefix),
      rows.map(({ candidates }) => candidates),
    );
    for (const { label, beta, inverse } of steering) {
      rewards.forEach((candidates, row) =>
        candidates.forEach((labels, i) => {
          const clamped = Math.min(1, Math.max(0, labels[label % labels.length]));
          added[row][i] += beta * (inverse ? 1 - clamped : clamped);
        })
      );
    }
  }
  return added;
}

const prompts = fc.array(fc.array(fc.nat(vocabulary - 1), { maxLength: 9 }), {
  minLength: 1,
  maxLength: 4,
});
const guides = fc.array(
  fc.record({
    name: fc.constantFrom(...guideNames),
    steering: fc.array(
      fc.record({
        label: fc.nat(2),
        beta: fc.double({ min: 0, max: 20, noNaN: true }),
        inverse: fc.boolean(),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  { maxLength: 2 },
);
const settings = fc.record({
  base: fc.constantFrom(...baseNames),
  guides,
  prompts,
  topK: fc.integer({ min: 1, max: vocabulary }),
  samples: fc.integer({ min: 1, max: 3 }),
  maxNewTokens: fc.integer({ min: 1, max: 6 }),
  temperature: fc.constantFrom(0, 0.5, 1, 2),
  seed: fc.nat(1000),
});

Deno.test("every step is equation (1) of whole texts, and texts do not depend on their batch", async () => {
  let ended = 0;
  await withTinyModels(async (models) => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ base: baseName, guides: given, prompts, ...rest }) => {
        const base = models.bases[baseName];
        const tracer = new Tracer(prompts);
        const options = { ...rest, guides: guidesOf(models, given) };
        const together = await generate(base, prompts, { ...options, onStep: tracer.onStep });
        const alone = await generate(base, prompts, { ...options, batchSize: 1 });
        assert.deepEqual(alone, together);

        const { rows } = tracer;
        assert.equal(together.tokens, rows.length);
        const logits = await models.whole[baseName].logits(
          rows.map(({ prompt, prefix }) =>
            baseName === "bosLm" || prompts[prompt].length === 0 ? [endOfText, ...prefix] : prefix
          ),
        );
        // all rows against the base model, the first of each step's guidance against whole texts
        const some = rows.slice(0, 24).map((row) => ({
          ...row,
          candidates: row.candidates.slice(0, 12),
        }));
        const added = await wholeTextGuidance(models, given, some);
        const strength = given.flatMap(({ steering }) => steering)
          .reduce((sum, { beta }) => sum + beta, 0);
        rows.forEach((row, i) => {
          assert.equal(new Set(row.candidates).size, rest.topK);
          const kth = [...logits[i]].sort((a, b) => b - a)[rest.topK - 1];
          row.candidates.forEach((token, place) => {
            close(row.logits[place], logits[i][token], 2e-5);
            assert.ok(logits[i][token] >= kth - 2e-5);
            if (place > 0) assert.ok(row.logits[place] <= row.logits[place - 1]);
          });
        });
        some.forEach(({ logits, guided, candidates }, i) =>
          candidates.forEach((_, place) =>
            close(guided[place], logits[place] + added[i][place], 2e-5 * (1 + strength))
          )
        );
        ended += checkTexts(together, rows, rest);
      }),
      { numRuns: 40, seed: 1 },
    );
  });
  assert.ok(ended > 30, `only ${ended} texts ended early`);
});

/** The texts are the tokens taken, up to the end of text; returns how many ended early. */
function checkTexts(
  { continuations }: Generation,
  rows: readonly TracedRow[],
  { samples, maxNewTokens, temperature }: {
    samples: number;
    maxNewTokens: number;
    temperature: number;
  },
): number {
  let ended = 0;
  continuations.forEach((texts, prompt) => {
    assert.equal(texts.length, samples);
    texts.forEach((ids, sample) => {
      const steps = rows.filter((row) => row.prompt === prompt && row.sample === sample);
      const taken = steps.map(({ taken }) => taken);
      const end = taken.indexOf(endOfText);
      if (end >= 0) ended++;
      assert.deepEqual(ids, end < 0 ? taken : taken.slice(0, end));
      assert.equal(taken.length, end < 0 ? maxNewTokens : end + 1);
      for (const { guided, taken, candidates } of temperature === 0 ? steps : []) {
        assert.equal(guided[candidates.indexOf(taken)], Math.max(...guided));
      }
    });
  });
  return ended;
}

function close(actual: number, expected: number, tolerance: number): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected} within ${tolerance}`,
  );
}

const somePrompts = [[3, 1, 4, 1, 5], [], [9, 2, 6, 5, 3, 5, 8, 9], [7]];
const long: GenerateOptions = { topK: 30, samples: 5, maxNewTokens: 8, seed: 3 };

Deno.test("a seed gives the same texts again, another seed other ones, and samples differ", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const first = await generate(lm, somePrompts, long);
    assert.deepEqual(await generate(lm, somePrompts, long), first);
    const other = await generate(lm, somePrompts, { ...long, seed: 4 });
    assert.notDeepEqual(other.continuations, first.continuations);
    for (const texts of first.continuations) {
      assert.ok(new Set(texts.map(String)).size > 1, "all samples of a prompt are the same");
    }
    const fewer = await generate(lm, somePrompts, { ...long, samples: 2 });
    assert.deepEqual(fewer.continuations, first.continuations.map((texts) => texts.slice(0, 2)));
  });
});

Deno.test("prompts continued in parts give what they give together", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const { continuations } = await generate(lm, somePrompts, long);
    const rest = await generate(lm, somePrompts.slice(1), { ...long, firstPrompt: 1 });
    assert.deepEqual(rest.continuations, continuations.slice(1));
  });
});

Deno.test("steering at β = 0 gives the unsteered texts", async () => {
  await withTinyModels(async ({ bases: { lm }, guides }) => {
    const { continuations } = await generate(lm, somePrompts, long);
    for (const name of guideNames) {
      const model = guides[name];
      const steering = [{ label: "kind", beta: 0 }, { label: "kind", beta: 0, inverse: true }];
      const steered = await generate(lm, somePrompts, { ...long, guides: [{ model, steering }] });
      assert.deepEqual(steered.continuations, continuations);
    }
  });
});

Deno.test("two labels of one model steer as two guides of one label each do", async () => {
  await withTinyModels(async ({ bases: { bosLm }, guides: { arm: model } }) => {
    const kind = { label: "kind", beta: 8 };
    const brief = { label: "brief", beta: 5, inverse: true };
    const texts = async (guides: Guide[]) =>
      (await generate(bosLm, somePrompts, { ...long, guides })).continuations;
    const together = await texts([{ model, steering: [kind, brief] }]);
    assert.deepEqual(
      await texts([{ model, steering: [kind] }, { model, steering: [brief] }]),
      together,
    );
    assert.notDeepEqual(await texts([{ model, steering: [kind] }]), together);
  });
});

Deno.test("the strength of a label is 10 where nothing is said", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const texts = (beta?: number) =>
      generate(lm, somePrompts, {
        ...long,
        guides: [{ model, steering: [{ label: "kind", beta }] }],
      });
    assert.deepEqual(await texts(), await texts(10));
    assert.notDeepEqual(await texts(), await texts(2));
  });
});

Deno.test("an ARM takes one backbone call a step for every k, RAD takes k", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm, armWithoutBaseline, rad } }) => {
    const steering = [{ label: "kind" }];
    const guides = [arm, armWithoutBaseline, rad].map((model) => ({ model, steering }));
    for (const k of [1, 2, 7, 61]) {
      const { backboneCalls } = await generate(lm, somePrompts, { ...long, guides, topK: k });
      assert.deepEqual(backboneCalls, [1, 1, k]);
    }
  });
});

Deno.test("first tokens come as often as the guided softmax has it", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    for (const temperature of [1, 0.6]) {
      const samples = 6000;
      const k = 8;
      const counts = new Float64Array(k);
      let guided: number[] = [];
      await generate(lm, [[5, 6]], {
        guides: [{ model, steering: [{ label: "calm", beta: 2 }] }],
        topK: k,
        samples,
        maxNewTokens: 1,
        temperature,
        batchSize: samples,
        onStep: (step) => {
          guided = [...(step.guided.data as Float32Array).subarray(0, k)];
          for (const place of step.places) counts[place]++;
        },
      });
      const weights = guided.map((logit) => Math.exp((logit - Math.max(...guided)) / temperature));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const chiSquare = weights.reduce((sum, weight, i) => {
        const expected = samples * weight / total;
        return sum + (counts[i] - expected) ** 2 / expected;
      }, 0);
      // the 99.9th percentile with 7 degrees of freedom
      assert.ok(chiSquare < 24.3, `χ² is ${chiSquare}`);
    }
  });
});

Deno.test("a signal stops before the next step and leaves out what was not finished", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const controller = new AbortController();
    const options: GenerateOptions = {
      topK: 5,
      samples: 2,
      maxNewTokens: 3,
      batchSize: 2,
      seed: 1,
    };
    let last: readonly { prompt: number }[] = [];
    const stopped = await generate(lm, somePrompts, {
      ...options,
      signal: controller.signal,
      onStep: ({ rows }) => {
        last = rows;
        if (rows[0].prompt === 0) controller.abort();
      },
    });
    assert.equal(last[0].prompt, 0);
    const whole = await generate(lm, somePrompts, options);
    // shorter prompts come first, so the empty one and that of one token were done
    assert.deepEqual(stopped.continuations, [
      [],
      whole.continuations[1],
      [],
      whole.continuations[3],
    ]);
    const before = await generate(lm, somePrompts, { ...options, signal: AbortSignal.abort() });
    assert.deepEqual([before.continuations, before.tokens], [[[], [], [], []], 0]);
    assert.deepEqual([before, stopped, whole].map(({ finished }) => finished), [
      false,
      false,
      true,
    ]);
  });
});

Deno.test("no prompts give no continuations", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const guides = [{ model, steering: [{ label: "kind" }] }];
    assert.deepEqual(await generate(lm, [], { guides }), {
      continuations: [],
      finished: true,
      tokens: 0,
      backboneCalls: [0],
    });
  });
});

Deno.test("a temperature next to 0 is steered as 0 is", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm, rad } }) => {
    for (const model of [arm, rad]) {
      const guides = [{ model, steering: [{ label: "kind", beta: 20 }] }];
      const options = { guides, samples: 1, maxNewTokens: 6, ends: [] };
      const at = async (temperature: number, way: GenerateOptions = {}) =>
        (await generate(lm, somePrompts, { ...options, temperature, ...way })).continuations;
      const greedy = await at(0);
      assert.notDeepEqual(greedy, await at(0, { guides: [] }));
      for (const temperature of [1e-300, 1e-42, 1e-25]) {
        for (const way of [{}, { together: false }, { stepsPerRun: 1 }]) {
          assert.deepEqual(await at(temperature, way), greedy, `${temperature}`);
        }
      }
    }
  });
});

Deno.test("prompts may be as long as the context allows, and no longer", async () => {
  await withTinyModels(async ({ bases, guides: { arm, rad } }) => {
    const maxNewTokens = 4;
    const longest = Array<number>(positions - maxNewTokens).fill(8);
    const guides = [arm, rad].map((model) => ({ model, steering: [{ label: "kind" }] }));
    const options: GenerateOptions = { maxNewTokens, samples: 1, topK: 3, guides, temperature: 0 };
    const { continuations: [[text]] } = await generate(bases.lm, [longest], options);
    assert.ok(text.length <= maxNewTokens);
    await generate(bases.bosLm, [longest.slice(1)], options);
    await refuses(bases.lm, [[1], [...longest, 8]], options, {
      name: "RangeError",
      message: "Prompt 2 has 21 tokens, but with 4 new ones only 20 fit into the context: " +
        "shorten it, or ask for fewer new tokens",
    });
    await refuses(bases.bosLm, [longest], options, {
      name: "RangeError",
      message: "Prompt 1 has 20 tokens, but with 4 new ones only 19 fit into the context: " +
        "shorten it, or ask for fewer new tokens",
    });
  });
});

Deno.test("settings and prompts that make no sense are refused with one sentence", async () => {
  await withTinyModels(async ({ bases: { lm }, guides: { arm: model } }) => {
    const range = (message: string) => ({ name: "RangeError", message });
    for (const name of ["topK", "samples", "maxNewTokens", "batchSize"]) {
      for (const value of [0, -1, 1.5, NaN]) {
        await refuses(
          lm,
          [[1]],
          { [name]: value },
          range(`generate: '${name}' must be a whole number from 1 up, not ${value}.`),
        );
      }
    }
    await refuses(
      lm,
      [[1]],
      { temperature: -0.1 },
      range("generate: 'temperature' must be a number from 0 up, not -0.1."),
    );
    await refuses(
      lm,
      [[1]],
      { topK: 62 },
      range("Cannot take the top 62 of 61 tokens: choose a smaller topK"),
    );
    await refuses(
      lm,
      [[], [1, 61]],
      {},
      range(
        "Prompt 2 holds token 61, but the model's vocabulary has 61 tokens: use its own tokenizer",
      ),
    );
    for (const token of [-1, 1.5, NaN]) {
      await refuses(
        lm,
        [[], [1, token]],
        {},
        range(`generate: 'prompts[1][1]' must be a whole number from 0 up, not ${token}.`),
      );
    }
    const guides = (label: string, beta?: number, guide = model) => ({
      guides: [{ model: guide, steering: [{ label, beta }] }],
    });
    await refuses(lm, [[1]], guides("loud"), {
      name: "TypeError",
      message: "The reward model has no label 'loud': it has kind, calm, brief",
    });
    await refuses(
      lm,
      [[1]],
      guides("kind", NaN),
      range(
        "generate: 'guides[0].steering[0].beta' must be a number from -1e+30 to 1e+30, not NaN.",
      ),
    );
    await refuses(
      lm,
      [[1]],
      guides("kind", 1, { ...model, vocabulary: 97 }),
      range(
        "The base model has 61 tokens and the reward model 97: they must share a tokenizer, or else the reward model " +
          "be opened with `baseTokenizer`, to read candidates as text",
      ),
    );
    const classifier = { ...model, rule: "logProbability", labels: ["kind"] } as const;
    const filtered = (dropUpTo: number, keepFrom: number) => ({
      guides: [{
        model: classifier,
        steering: [{ label: "kind" }],
        filter: { dropUpTo, keepFrom },
      }],
    });
    await refuses(
      lm,
      [[1]],
      filtered(1.5, 0),
      range("generate: 'guides[0].filter.dropUpTo' must be a number from 0 to 1, not 1.5."),
    );
    await refuses(
      lm,
      [[1]],
      filtered(0.8, NaN),
      range("generate: 'guides[0].filter.keepFrom' must be a number from 0 to 1, not NaN."),
    );
  });
});

async function refuses(
  base: TinyModels["bases"]["lm"],
  prompts: readonly number[][],
  options: GenerateOptions,
  error: { name: string; message: string },
): Promise<void> {
  await assert.rejects(generate(base, prompts, options), error);
}

Deno.test("a signal stops between the steps of one run, and a batch that came to its end is kept", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    for (const [at, texts] of [[2, 0], [6, 2]]) {
      const controller = new AbortController();
      let steps = 0;
      const { continuations } = await generate(lm, [[1, 2], [3]], {
        samples: 2,
        maxNewTokens: 6,
        ends: [],
        batchSize: 2,
        stepsPerRun: 9,
        signal: controller.signal,
        onStep: () => {
          if (++steps === at) controller.abort();
        },
      });
      assert.equal(steps, at);
      assert.deepEqual(continuations.map(({ length }) => length), [0, texts]);
    }
  });
});

Deno.test("contexts of a few positions only can be filled to their end", async () => {
  for (const positions of [2, 4, 7]) {
    const backbone = gpt2Backbone({ ...tinySizes, context: positions });
    const spec = { kind: "lm", backbone, bos: false } as const;
    await using base = openOwnBase(spec, randomParametersOf(backbone, 1), { name: "cpu" });
    const options = { samples: 2, maxNewTokens: positions - 1, ends: [], topK: 9 };
    const ways = [{}, { together: false }, { stepsPerRun: 1 }];
    const texts = await Promise.all(
      ways.map(async (way) => (await generate(base, [[5]], { ...options, ...way })).continuations),
    );
    assert.deepEqual(texts[1], texts[0]);
    assert.deepEqual(texts[2], texts[0]);
  }
});
