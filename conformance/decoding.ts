import { generate } from "../lib/decode/generate.ts";
import type { StepTrace } from "../lib/decode/generate_options.ts";
import { openOwnBase } from "../lib/bases/own_base.ts";
import type { RewardModel } from "../lib/methods/reward_model.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import { logitsTolerance } from "./forward.ts";
import type { Golden } from "./golden.ts";
import { softmaxRows } from "./run_once.ts";

/** What the engine did at one step, rows in the order of the prompts, `[rows, k]`; tokens `[rows]`. */
interface Step {
  readonly ids: number[];
  readonly logits: number[];
  readonly guided: number[];
  readonly tokens: number[];
}

/**
 * Greedy decoding by the engine itself, against the steps at a path of a golden file.
 *
 * Candidates are compared as sets, in the golden order: which of two equal logits comes first does not matter,
 * and their order is that of the logits, which are compared.
 *
 * @param guidedTolerance of guided logits; probabilities change no more than these do.
 */
export async function compareDecoding(
  { device, report, reference }: Golden,
  file: GoldenFile,
  path: string,
  model: RewardModel,
  guidedTolerance: Tolerance,
): Promise<void> {
  const { spec, parameters } = await reference();
  const prompts = await file.ids(`${path}.prompt`);
  const steps = await file.count(`${path}.steps`);
  const k = await file.number(await file.has(`${path}.k`) ? `${path}.k` : `${path}.topk`);
  const label = model.labels[await file.number(`${path}.label_index`)];
  const beta = await file.number(`${path}.beta`);
  const inverse = await file.boolean(`${path}.inverse`);

  const taken: Step[] = [];
  await using base = openOwnBase(spec, parameters, device);
  // no token ends a text: the golden steps go on to the last
  const { continuations } = await generate(base, prompts, {
    guides: [{ model, steering: [{ label, beta, inverse }] }],
    topK: Math.min(k, base.vocabulary),
    samples: 1,
    maxNewTokens: steps,
    ends: [],
    temperature: 0,
    batchSize: prompts.length,
    label: "Decoding",
    onStep: (step) => taken.push(inOrder(step)),
  });

  const expected = async (name: string): Promise<NumericArray> => {
    const arrays: NumericArray[] = [];
    for (let step = 0; step < steps; step++) {
      arrays.push(await file.array(`${path}.steps.${step}.${name}`));
    }
    return {
      shape: [steps, ...arrays[0].shape],
      data: arrays.flatMap(({ data }) => Array.from(data)),
    };
  };
  const quantity = (name: string) => `${file.name}.${path}.${name}`;
  const candidates = await expected("candidates");
  const { shape } = candidates;
  const size = shape[2];
  const places = placesOf(candidates.data, taken.flatMap(({ ids }) => ids), size);
  const aligned = (values: readonly number[]): NumericArray => ({
    shape,
    data: places.map((place) => values[place] ?? NaN),
  });
  const guided = taken.flatMap(({ guided }) => guided);
  const probabilities = await softmaxRows({ shape: [guided.length / size, size], data: guided });
  const computed: [string, NumericArray, Tolerance][] = [
    ["candidates", aligned(taken.flatMap(({ ids }) => ids)), exact],
    ["base_logits", aligned(taken.flatMap(({ logits }) => logits)), logitsTolerance],
    ["guided_logits", aligned(guided), guidedTolerance],
    ["probabilities", aligned(Array.from(probabilities.data)), guidedTolerance],
    [
      "token",
      { shape: [steps, prompts.length], data: taken.flatMap(({ tokens }) => tokens) },
      exact,
    ],
  ];
  for (const [name, actual, tolerance] of computed) {
    await report.section(quantity(name), async () => {
      report.compareWith(quantity(name), await expected(name), actual, tolerance);
    });
  }
  const output = prompts.map((prompt, i) => [...prompt, ...continuations[i][0]]);
  await report.section(quantity("output"), async () => {
    const rows = await file.ids(`${path}.output`);
    report.compareWith(quantity("output"), tableOf(rows), tableOf(output), exact);
  });
}

/** Rows of ids, as one list where they differ in length. */
function tableOf(rows: readonly (readonly number[])[]): NumericArray {
  const data = rows.flat();
  const regular = rows.every(({ length }) => length === rows[0].length);
  return { shape: regular ? [rows.length, rows[0].length] : [data.length], data };
}

function inOrder({ rows, candidates, logits, guided, tokens }: StepTrace): Step {
  const [, k] = candidates.dims;
  const order = rows.map((_, row) => row).sort((a, b) => rows[a].prompt - rows[b].prompt);
  const ofRow = (data: ArrayLike<number | bigint>, row: number) =>
    Array.from({ length: k }, (_, i) => Number(data[row * k + i]));
  const ids = candidates.data as BigInt64Array;
  return {
    ids: order.flatMap((row) => ofRow(ids, row)),
    logits: order.flatMap((row) => ofRow(logits.data as Float32Array, row)),
    guided: order.flatMap((row) => ofRow(guided.data as Float32Array, row)),
    tokens: order.map((row) => tokens[row]),
  };
}

/** For every expected candidate, where the engine has it: rows of k ids each; −1 where it does not. */
function placesOf(expected: ArrayLike<number>, ids: readonly number[], k: number): number[] {
  return Array.from(expected, (id, i) => {
    const start = i - i % k;
    const place = ids.slice(start, start + k).indexOf(id);
    return place < 0 ? -1 : start + place;
  });
}
