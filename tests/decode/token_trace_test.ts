import assert from "node:assert/strict";
import { generate, type Guide } from "../../lib/decode/generate.ts";
import type { GenerateOptions, StepTrace } from "../../lib/decode/generate_options.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { type TokenTrace, tokenTrace } from "../../lib/decode/token_trace.ts";
import { cpu } from "../run_graph.ts";
import { onePassNames, type SystemName, systemNames, withAllSystems } from "./all_systems.ts";
import { letters } from "../bases/letters.ts";

const prompts = [[3, 1, 4], [], [9, 2, 6, 5, 3]];

/** What follows each step of each text, by the text. */
class Texts<T> {
  readonly #texts = new Map<string, T[]>();

  add({ rows }: StepTrace, of: (row: number) => T): void {
    rows.forEach(({ prompt, sample }, row) => {
      const name = `${prompt} ${sample}`;
      this.#texts.set(name, [...this.#texts.get(name) ?? [], of(row)]);
    });
  }

  get(name: string): readonly T[] {
    return this.#texts.get(name) ?? [];
  }

  get names(): string[] {
    return [...this.#texts.keys()];
  }
}

async function tracesOf(base: BaseModel, options: GenerateOptions): Promise<Texts<TokenTrace>> {
  const texts = new Texts<TokenTrace>();
  const onStep = (step: StepTrace) =>
    texts.add(step, (row) => tokenTrace(step, row, letters, options));
  await generate(base, prompts, { ...options, onStep });
  return texts;
}

async function tokensOf(base: BaseModel, options: GenerateOptions): Promise<Texts<number>> {
  const texts = new Texts<number>();
  const onStep = (step: StepTrace) => texts.add(step, (row) => step.tokens[row]);
  await generate(base, prompts, { ...options, onStep });
  return texts;
}

/**
 * Checks that the unsteered choices of a steered run are the tokens of the unsteered run, as long as both texts are
 * the same. @returns how many were compared, at which the steered run took another, and after the first of a text.
 */
async function checkUnsteered(base: BaseModel, options: GenerateOptions) {
  const steered = await tracesOf(base, options);
  const plain = await tokensOf(base, { ...options, guides: [] });
  let [compared, turned, later] = [0, 0, 0];
  for (const name of plain.names) {
    const tokens = plain.get(name);
    for (const [i, { taken, unsteered }] of steered.get(name).entries()) {
      assert.equal(unsteered.id, tokens[i], `${name}, step ${i}: ${JSON.stringify(options)}`);
      compared++;
      if (i > 0) later++;
      if (taken.id === tokens[i]) continue;
      turned++;
      break;
    }
  }
  return { compared, turned, later };
}

const ways: readonly GenerateOptions[] = [
  { stepsPerRun: 1 },
  { stepsPerRun: 100 },
  { together: false },
];
const draws: readonly GenerateOptions[] = [
  { temperature: 0 },
  { temperature: 1e-42 },
  { temperature: 0.7 },
  { temperature: 0.7, topP: 0.6 },
  { temperature: 1.5, topP: 0.9, baseTopP: 0.8 },
  { temperature: 1.5, topP: 0.9, minP: 0.3 },
  { temperature: 1.2, minP: 0.2, repetitionPenalty: 1.4 },
];

Deno.test("the unsteered choice is what the same seed takes without guidance, by every system, draw and path", async () => {
  await withAllSystems(cpu, async ({ bases: { lm, bosLm }, guides }) => {
    const all = { compared: 0, turned: 0, later: 0 };
    for (const [i, name] of systemNames.entries()) {
      const guide = { model: guides[name], steering: [{ label: "kind", beta: 2 }] };
      for (const [j, draw] of draws.entries()) {
        const options = {
          guides: [guide],
          topK: 12,
          samples: 5,
          maxNewTokens: 6,
          seed: 4,
          ...draw,
        };
        const base = name === "gedi" ? bosLm : lm;
        const counts = await checkUnsteered(base, { ...options, ...ways[(i + j) % ways.length] });
        all.compared += counts.compared;
        all.turned += counts.turned;
        all.later += counts.later;
      }
    }
    // not all of it was trivial
    assert.ok(all.turned > 50 && all.later > 100, JSON.stringify(all));
  });
});

Deno.test("GeDi's filter is guidance too: the unsteered choice has none", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { gedi: model } }) => {
    const filter = { dropUpTo: 0.6, keepFrom: 0.9 };
    const guides = [{ model, steering: [{ label: "kind", beta: 0 }], filter }];
    const options = { guides, topK: 30, samples: 20, maxNewTokens: 4, seed: 1 };
    for (const way of ways) {
      const { turned } = await checkUnsteered(lm, { ...options, ...way });
      assert.ok(turned > 0);
    }
  });
});

Deno.test("where the whole vocabulary is rated, the unsteered choice is one of the candidates", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides }) => {
    for (const name of onePassNames) {
      const guide = { model: guides[name], steering: [{ label: "kind", beta: 30 }] };
      const options = { guides: [guide], rated: "vocabulary", topK: 4, samples: 2 } as const;
      for (const way of ways) {
        const traces = await tracesOf(lm, { ...options, maxNewTokens: 3, ...way });
        for (const { candidates, unsteered, taken } of traces.names.flatMap((n) => traces.get(n))) {
          assert.equal(candidates.length, 4);
          assert.ok(candidates.includes(unsteered) && candidates.includes(taken));
        }
      }
    }
  });
});

/** The first step of a generation, and the traces of its rows. */
async function firstStep(
  base: BaseModel,
  options: GenerateOptions,
  check: (step: StepTrace, traces: readonly TokenTrace[]) => void,
): Promise<void> {
  let steps = 0;
  const onStep = (step: StepTrace) => {
    if (steps++ > 0) return;
    check(step, step.rows.map((_, row) => tokenTrace(step, row, letters, options)));
  };
  await generate(base, prompts, { ...options, onStep });
  assert.ok(steps > 0);
}

Deno.test("probabilities are softmaxes at the temperature, of what was cut zero; texts and logits are the candidates', and β·r is added", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { arm: model } }) => {
    const guides = [{ model, steering: [{ label: "kind", beta: 3 }] }];
    for (const temperature of [0, 0.7, 2]) {
      const options = { guides, temperature, baseTopP: 0.9, topK: 40, samples: 1, maxNewTokens: 1 };
      let cut = 0;
      await firstStep(lm, options, (step, traces) => {
        const divisor = temperature || 1;
        for (const [row, { candidates }] of traces.entries()) {
          const guided = candidates.map((_, i) => step.guided.data[row * 40 + i] as number);
          const weights = candidates.map(({ logit }, i) => [
            guided[i] === -Infinity ? 0 : Math.exp(logit / divisor),
            Math.exp(guided[i] / divisor),
          ]);
          const sums = [0, 1].map((side) => weights.reduce((sum, pair) => sum + pair[side], 0));
          candidates.forEach(({ id, text, logit, reward, added, before, after }, i) => {
            assert.equal(id, Number(step.candidates.data[row * 40 + i]));
            assert.equal(text, letters.decode([id]) || "<|endoftext|>");
            assert.equal(logit, step.logits.data[row * 40 + i]);
            assert.ok(Math.abs(before - weights[i][0] / sums[0]) < 1e-5);
            assert.ok(Math.abs(after - weights[i][1] / sums[1]) < 1e-5);
            const expected = guided[i] === -Infinity ? 0 : 3 * reward!;
            assert.ok(Math.abs(added - expected) < 1e-5);
            if (guided[i] === -Infinity) cut++;
          });
        }
      });
      assert.ok(cut > 0);
    }
  });
});

Deno.test("a reward is the share of its label by the model's rule, weighted by β over all that steer", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides }) => {
    const logistic = (x: number) => 1 / (1 + Math.exp(-x));
    const clamped = (x: number) => Math.min(1, Math.max(0, x));
    /** The score of a guide's label for the first row's candidate. */
    const score = ({ scores }: StepTrace, guide: number, label: number, i: number) =>
      scores[guide].data[label * 10 + i] as number;
    const on = (name: SystemName, ...steering: Guide["steering"]): Guide => ({
      model: guides[name],
      steering,
    });
    const cases: readonly [readonly Guide[], (step: StepTrace, i: number) => number][] = [
      [[on("arm", { label: "calm" })], (step, i) => clamped(score(step, 0, 1, i))],
      [
        [on("arm", { label: "calm", inverse: true })],
        (step, i) => 1 - clamped(score(step, 0, 1, i)),
      ],
      [[on("arm", { label: "kind", beta: -4 })], (step, i) => 1 - clamped(score(step, 0, 0, i))],
      [[on("fudge", { label: "rude" })], (step, i) => logistic(score(step, 0, 1, i))],
      [
        [on("fudge", { label: "rude", inverse: true })],
        (step, i) => logistic(-score(step, 0, 1, i)),
      ],
      [[on("dexperts", { label: "kind" })], (step, i) => logistic(score(step, 0, 0, i))],
      [
        [
          on("arm", { label: "kind", beta: 6 }, { label: "brief", beta: 0 }),
          on("rad", { label: "rude", beta: 2, inverse: true }),
        ],
        (step, i) =>
          (6 * clamped(score(step, 0, 0, i)) + 2 * (1 - clamped(score(step, 1, 1, i)))) / 8,
      ],
    ];
    for (const [guides, expected] of cases) {
      const options = { guides, topK: 10, samples: 1, maxNewTokens: 1 };
      await firstStep(
        lm,
        options,
        (step, [{ candidates }]) =>
          candidates.forEach(({ reward }, i) => {
            assert.ok(Math.abs(reward! - expected(step, i)) < 1e-6);
          }),
      );
    }
    for (const guides of [[], [on("arm", { label: "kind", beta: 0 })]]) {
      const options = { guides, topK: 10, samples: 1, maxNewTokens: 1 };
      await firstStep(lm, options, (_, [{ candidates }]) => {
        assert.ok(candidates.every((candidate) => !("reward" in candidate)));
      });
    }
  });
});
