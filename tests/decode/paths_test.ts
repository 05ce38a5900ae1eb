import fc from "fast-check";
import assert from "node:assert/strict";
import { generate, type Guide } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { baseNames } from "../open_tiny_models.ts";
import { cpu } from "../run_graph.ts";
import { webgpuTest } from "../runtime/webgpu.ts";
import { tinyBackbone } from "../tiny_models.ts";
import {
  type FormulaName,
  formulaNames,
  onePassNames,
  type SystemName,
  systemNames,
  type Systems,
  unionNames,
  withAllSystems,
} from "./all_systems.ts";

// However a generation is computed, the same seeds give the same tokens.

const { vocabulary } = tinyBackbone;
const token = fc.nat(vocabulary - 1);

const guidesOf = (names: readonly SystemName[]) =>
  fc.array(
    fc.record({
      name: fc.constantFrom(...names),
      steering: fc.array(
        fc.record({
          label: fc.nat(2),
          beta: fc.double({ min: 0, max: 12, noNaN: true }),
          inverse: fc.boolean(),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      filter: fc.option(fc.record({
        dropUpTo: fc.double({ min: 0, max: 0.9, noNaN: true }),
        keepFrom: fc.double({ min: 0.2, max: 1, noNaN: true }),
      })),
    }),
    { maxLength: 2 },
  );

const settingsWith = (
  names: readonly SystemName[],
  formulas: readonly FormulaName[] = formulaNames,
) =>
  fc.record({
    formula: fc.constantFrom(undefined, undefined, undefined, ...formulas),
    base: fc.constantFrom(...baseNames),
    guides: guidesOf(names),
    prompts: fc.array(fc.array(token, { maxLength: 9 }), { minLength: 1, maxLength: 4 }),
    ends: fc.option(fc.uniqueArray(token, { maxLength: 12 }), { nil: undefined }),
    topK: fc.integer({ min: 1, max: vocabulary }),
    samples: fc.integer({ min: 1, max: 9 }),
    maxNewTokens: fc.integer({ min: 1, max: 9 }),
    temperature: fc.constantFrom(0, 0.5, 1, 2),
    topP: fc.constantFrom(undefined, 0.3, 0.9),
    minP: fc.constantFrom(undefined, 0.1, 0.6),
    repetitionPenalty: fc.constantFrom(undefined, 0.8, 1.3),
    baseTopP: fc.constantFrom(undefined, 0.5, 0.95),
    seed: fc.nat(1000),
  });

type Drawn = ReturnType<typeof settingsWith> extends fc.Arbitrary<infer T> ? T : never;

function optionsOf(
  { guides: models, formulas }: Systems,
  { guides, formula, ...rest }: Omit<Drawn, "base" | "prompts">,
): GenerateOptions {
  return {
    ...rest,
    ...(formula && { formula: formulas[formula] }),
    guides: guides.map(({ name, steering, filter }): Guide => {
      const model = models[name];
      const canFilter = model.rule === "logProbability" && model.labels.length === 1;
      return {
        model,
        steering: steering.map(({ label, ...rest }) => ({
          ...rest,
          label: model.labels[label % model.labels.length],
        })),
        filter: canFilter ? filter ?? undefined : undefined,
      };
    }),
  };
}

/** Checks that every way to compute a generation gives the tokens of the first. */
async function checkWays(
  device: Device,
  settings: fc.Arbitrary<Drawn>,
  ways: readonly GenerateOptions[],
  runs: number,
): Promise<void> {
  await withAllSystems(device, async (systems) => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ base: name, prompts, ...drawn }) => {
        const base = systems.bases[name];
        const options = optionsOf(systems, drawn);
        const [first, ...others] = ways;
        const expected = await generate(base, prompts, { ...options, ...first });
        for (const way of others) {
          const { continuations, tokens } = await generate(base, prompts, { ...options, ...way });
          assert.deepEqual(continuations, expected.continuations, JSON.stringify(way));
          assert.equal(tokens, expected.tokens);
        }
      }),
      { numRuns: runs, seed: 1 },
    );
  });
}

const ways: readonly GenerateOptions[] = [
  { together: false },
  { stepsPerRun: 100 },
  { stepsPerRun: 1 },
  { stepsPerRun: 3 },
  { batchSize: 1 },
  { batchSize: 1, together: false },
];

Deno.test("one graph, one run or many, the general path and single rows give the same tokens", async () => {
  await checkWays(cpu, settingsWith(systemNames), ways, 60);
});

Deno.test("so they do where the whole vocabulary is rated", async () => {
  const rated = { rated: "vocabulary" } as const;
  const settings = settingsWith(onePassNames, [...formulaNames, ...unionNames]);
  await checkWays(cpu, settings, ways.map((way) => ({ ...way, ...rated })), 30);
});

webgpuTest(
  "one graph a step, with caches on the device, gives the general path's tokens",
  async (device) => {
    await checkWays(device, settingsWith(systemNames), ways.slice(0, 2), 6);
  },
);

webgpuTest("the tokens are those of the CPU", async (device) => {
  await withAllSystems(cpu, async (onCpu) => {
    await withAllSystems(device, async (onDevice) => {
      for (const rated of ["top-k", "vocabulary"] as const) {
        for (const name of rated === "top-k" ? systemNames : onePassNames) {
          const texts = async ({ bases, guides }: Systems) => {
            const guide = { model: guides[name], steering: [{ label: "kind", beta: 4 }] };
            const options = {
              guides: [guide],
              rated,
              samples: 3,
              maxNewTokens: 6,
              topK: 12,
              seed: 5,
            };
            const prompts = [[3, 1, 4], [], [9, 2, 6, 5, 3]];
            return (await generate(bases.lm, prompts, options)).continuations;
          };
          assert.deepEqual(await texts(onDevice), await texts(onCpu), `${name}, ${rated}`);
        }
      }
    });
  });
});

Deno.test("RAD gives the same rewards in one pass as candidate by candidate, within 1e-4", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides }) => {
    const scoresBy = async (model: Guide["model"]) => {
      const all: number[] = [];
      const guide = { model, steering: [{ label: "kind" }] };
      await generate(lm, [[3, 1, 4, 1, 5], [], [9]], {
        guides: [guide],
        topK: 20,
        samples: 4,
        maxNewTokens: 8,
        onStep: ({ scores: [values] }) => all.push(...values.data as Float32Array),
      });
      return all;
    };
    const [plain, together] = [await scoresBy(guides.radPlain), await scoresBy(guides.rad)];
    assert.equal(plain.length, together.length);
    assert.ok(plain.every((value, i) => Math.abs(value - together[i]) <= 1e-4));
  });
});

Deno.test("a longer vocabulary of candidates than k has no say where only the top k are rated", async () => {
  await withAllSystems(cpu, async ({ bases: { lm }, guides: { arm: model } }) => {
    // with a strong β the whole vocabulary reaches tokens that the base model's top k leaves out
    const taken = async (rated: "top-k" | "vocabulary") => {
      const guide = { model, steering: [{ label: "kind", beta: 60 }] };
      const options = { guides: [guide], rated, topK: 2, samples: 20, maxNewTokens: 1, ends: [] };
      const { continuations } = await generate(lm, [[5, 6]], options);
      return new Set(continuations.flat(2));
    };
    const [near, far] = [await taken("top-k"), await taken("vocabulary")];
    assert.ok(near.size <= 2 && far.size <= 2);
    assert.ok([...far].some((token) => !near.has(token)));
  });
});
