import assert from "node:assert/strict";
import { join } from "node:path";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { languageModelTerm } from "../../lib/bases/language_model_term.ts";
import { type OpenFormula, openFormula } from "../../lib/bases/open_formula.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { generate, generateSteps } from "../../lib/decode/generate.ts";
import type { GenerateOptions } from "../../lib/decode/generate_options.ts";
import type { Expression } from "../../lib/methods/arithmetic/formula.ts";
import { modelSpecJson } from "../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";
import { letters } from "./letters.ts";

const leaf = (place: number): Expression<number> => ({ kind: "leaf", leaf: place });

/** base + β (one − other), over open language models. */
function difference(beta: number, models: OpenFormula["models"]): OpenFormula {
  const [one, other] = [leaf(0), leaf(1)];
  return {
    formula: {
      kind: "sum",
      terms: [[1, leaf(-1)], [beta, { kind: "sum", terms: [[1, one], [-1, other]] }]],
    },
    models,
    needsAllTokens: false,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const prompts = [[3, 5, 8], [1], [9, 9, 2, 30]];

/** The tokens and the guided logits of all steps. */
async function written(base: BaseModel, options: GenerateOptions): Promise<number[][]> {
  const steps: number[][] = [];
  const settings = { ...options, samples: 2, maxNewTokens: 6, seed: 4, progress: false } as const;
  for await (const { guided, tokens } of generateSteps(base, prompts, settings)) {
    steps.push([...tokens, ...guided.data as Float32Array]);
  }
  return steps;
}

/** Runs `test` with a base model and two others, and a pair of experts in whose folder these are. */
async function withPair(
  test: (models: { base: BaseModel; others: BaseModel[]; pair: string }) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using opened = new AsyncDisposableStack();
    const base = opened.use(await openBaseModel(await writeTinyModel(folder, "lm", 7), cpu));
    const pair = join(folder, "pair");
    const paths = [await writeTinyModel(pair, "bosLm", 8)];
    paths.push(await writeTinyModel(join(pair, "other"), "bosLm", 9));
    const spec = { kind: "dexperts", labels: ["kind"], expert: "bosLm", antiexpert: "other/bosLm" };
    await Deno.writeTextFile(join(pair, "config.json"), JSON.stringify(modelSpecJson(spec)));
    const others = [];
    for (const path of paths) others.push(opened.use(await openBaseModel(path, cpu)));
    await test({ base, others, pair });
  });
}

for (const rated of ["top-k", "vocabulary"] as const) {
  Deno.test(`a formula of experts gives DExperts' logits bit for bit, where ${rated} is rated`, async () => {
    await withPair(async ({ base, others, pair }) => {
      await using model = await openRewardModel(pair, cpu);
      const guides = [{ model, steering: [{ label: "kind", beta: 1.7 }] }];
      const formula = difference(1.7, others.map((each) => languageModelTerm(each)));
      for (const together of [true, false]) {
        assert.deepEqual(
          await written(base, { formula, rated, together }),
          await written(base, { guides, rated, together }),
        );
      }
    });
  });
}

Deno.test("a model that is seen through its logits only is the same term of a formula", async () => {
  await withPair(async ({ base, others }) => {
    const seen = others.map((each) => languageModelTerm({ ...each, graph: undefined }));
    const formula = difference(0.8, seen);
    const own = difference(0.8, others.map((each) => languageModelTerm(each)));
    for (const rated of ["top-k", "vocabulary"] as const) {
      const [expected, found] = [own, formula].map((formula) => ({ formula, rated, ends: [] }));
      const [a, b] = [await written(base, expected), await written(base, found)];
      a.forEach((step, i) =>
        step.forEach((x, j) => assert.ok(Math.abs(x - b[i][j]) < 1e-4, `${x} ≠ ${b[i][j]}`))
      );
    }
  });
});

Deno.test("guidance by a text before the prompt reads the base model twice, once after that text", async () => {
  await withPair(async ({ base }) => {
    const opened = { base, tokenizer: letters, tokenizerName: "letters" };
    const text = letters.decode([7, 8, 9]);
    // γ = 1 is the base model after the text alone
    await using formula = await openFormula(`cfg("${text}", 1)`, opened, cpu);
    const options = { samples: 1, maxNewTokens: 5, temperature: 0, ends: [], progress: false };
    const whole = { rated: "vocabulary" } as const;
    const { continuations, backboneCalls } = await generate(base, prompts, {
      ...options,
      ...whole,
      formula,
    });
    const after = prompts.map((prompt) => [7, 8, 9, ...prompt]);
    assert.deepEqual(continuations, (await generate(base, after, options)).continuations);
    assert.deepEqual(backboneCalls, [1]);
  });
});

Deno.test("what a formula cannot have is said in one sentence before anything is read", async () => {
  await withPair(async ({ base, others: [other] }) => {
    const opened = { base, tokenizer: letters, tokenizerName: "letters" };
    await using union = await openFormula('union(base, base("x"))', opened, cpu);
    await assert.rejects(
      generate(base, prompts, { formula: union }),
      /compares probabilities, for which all tokens have to be rated: set 'rated' to 'vocabulary'/,
    );
    const server = { ...opened, base: { ...other, refusals: { allTokens: "It tells a few." } } };
    await assert.rejects(openFormula('cfg("x")', server, cpu), {
      name: "TypeError",
      message: "It tells a few.",
    });
    await assert.rejects(
      generate({ ...base, refusals: { allTokens: "It tells a few." } }, prompts, {
        rated: "vocabulary",
      }),
      { name: "TypeError", message: "It tells a few." },
    );
  });
});
