import { filterByClass } from "../lib/decode/filters.ts";
import {
  add,
  exp,
  gatherLast,
  log,
  reduceSum,
  softmax,
  sub,
  unsqueeze,
} from "../lib/graph/ops/mod.ts";
import { constant, input, scalar, type Tensor } from "../lib/graph/tensor.ts";
import { logSumExp } from "../lib/loss/log_sum_exp.ts";
import type { Parameters } from "../lib/models/parameters.ts";
import { gediScores } from "../lib/methods/gedi_part.ts";
import { rules } from "../lib/methods/rules.ts";
import { floats, integers, type Value } from "../lib/runtime/value.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import { numbersOf, runOnce } from "./run_once.ts";

type Float = Tensor<"float32">;

const probabilityTolerance: Tolerance = { absolute: 2e-5 };
const logTolerance: Tolerance = { absolute: 2e-3 };
/** Where the logarithms of probabilities are compared. */
const smallestProbability = 1e-6;

const classes = ["positive", "negative"] as const;

/** GeDi's steps on given logits of the base model and of both classes: Bayes' rule, weighting and filter. */
export async function gedi(golden: Golden): Promise<void> {
  const file = golden.folder.file("gedi");
  const count = await file.count("cases");
  for (let i = 0; i < count; i++) {
    const path = `cases.${i}`;
    await golden.report.section(`gedi.${path}`, () => compareCase(golden, file, path));
  }
}

async function compareCase(golden: Golden, file: GoldenFile, path: string): Promise<void> {
  const { report, device } = golden;
  const prompt = await file.ids(`${path}.prompt`);
  const [rows, length] = [prompt.length, prompt[0].length];
  const settings = await readSettings(file, path);
  const first = await classLogits(file, `${path}.class_logits_first`);

  // the outputs after the code and the prompt's tokens give the log-likelihood of the prompt
  const shape = ["batch", 2, "time", "vocabulary"];
  const { likelihood } = await runOnce(
    {
      likelihood: likelihoodOf(
        input("logits", "float32", shape),
        input("tokens", "int64", ["batch", 2, "time"]),
      ),
    },
    {
      logits: valueOf(timeSlice(first, 0, length)),
      tokens: integers([rows, 2, length], prompt.flatMap((row) => [...row, ...row])),
    },
    device,
  );
  let sums = numbersOf(likelihood);
  let next = timeSlice(first, length, length + 1);
  const steps = await file.count(`${path}.steps`);
  for (let step = 0; step < steps; step++) {
    const at = `${path}.steps.${step}`;
    if (step > 0) next = await classLogits(file, `${at}.class_logits_next`);
    const base = await file.array(`${at}.base_logits`);
    const chosen = (await file.array(`${at}.chosen_token`)).data;
    const outputs = await runOnce(stepGraph(settings, base.shape[1]), {
      base: valueOf(base),
      next: valueOf({ shape: [rows, 2, base.shape[1]], data: next.data }),
      likelihood: valueOf(sums),
      count: floats([rows], new Float32Array(rows).fill(length + step + 1)),
      chosen: integers([rows, 2, 1], Array.from(chosen).flatMap((token) => [token, token])),
    }, device);

    const quantity = (name: string) => numbersOf(outputs[name]);
    const expected = await file.array(`${at}.probabilities`);
    const likely = Array.from(expected.data, (p) => p > smallestProbability ? 1 : 0);
    const compare = (name: string, actual: NumericArray, tolerance: Tolerance, mask?: number[]) =>
      report.compare(file, `${at}.${name}`, actual, tolerance, { mask });
    await compare("probabilities", quantity("probabilities"), probabilityTolerance);
    await compare("log_probabilities", quantity("logProbabilities"), logTolerance, likely);
    await compare("desired_class_probability", quantity("desired"), probabilityTolerance);
    const [weighted, filtered] = [quantity("weighted"), quantity("filtered")];
    const kept = Array.from(filtered.data, (y, i) => y === weighted.data[i] ? 1 : 0);
    await compare("kept", { shape: filtered.shape, data: kept }, exact);
    sums = quantity("likelihoodAfter");
    if (step === steps - 1) {
      const printed = `${path}.printed_final_desired_probability_first_row`;
      const ofChosen = quantity("desired").data[chosen[0]];
      await report.compare(file, printed, ofChosen, probabilityTolerance, { optional: true });
    }
  }
}

/** What a case of the golden file sets. */
interface Settings {
  readonly weight: number;
  readonly filterP: number;
  readonly targetP: number;
  readonly classBias: number;
  /** The head's parameters. */
  readonly parameters: Parameters;
}

async function readSettings(file: GoldenFile, path: string): Promise<Settings> {
  const number = (name: string) => file.number(`${path}.${name}`);
  const values: Record<string, number[]> = {
    logit_scale: [await file.at(`${path}.logit_scale`) === null ? 1 : await number("logit_scale")],
    bias: await file.at(`${path}.bias`) === null
      ? [0, 0]
      : Array.from((await file.array(`${path}.bias`)).data),
  };
  return {
    weight: await number("disc_weight"),
    filterP: await number("filter_p"),
    targetP: await number("target_p"),
    classBias: await number("class_bias"),
    parameters: (name, shape) => constant("float32", shape, values[name]),
  };
}

/** One step: what the candidates are worth, and the log-likelihoods once one of them was chosen. */
function stepGraph(
  { weight, filterP, targetP, classBias, parameters }: Settings,
  vocabulary: number,
): Record<string, Tensor> {
  const base = input("base", "float32", ["batch", vocabulary]);
  const logits = input("next", "float32", ["batch", 2, vocabulary]);
  const likelihood = input("likelihood", "float32", ["batch", 2]);
  const next = sub(logits, logSumExp(logits));
  const strengths = (towards: number) => ({
    towards: constant("float32", [1], [towards]),
    away: constant("float32", [1], [0]),
  });
  const odds = gediScores(parameters, likelihood, next, input("count", "float32", ["batch"]));
  const scores = add(odds, classBias);
  const logDesired = rules.logProbability(scores, strengths(1)).varying;
  const weighted = add(
    sub(base, logSumExp(base)),
    rules.logProbability(scores, strengths(weight)).varying,
  );
  const [p, target] = [filterP, targetP].map((x) => scalar("float32", x));
  const filtered = filterByClass(weighted, logDesired, p, target);
  const probabilities = softmax(filtered);
  const chosen = reduceSum(gatherLast(next, input("chosen", "int64", ["batch", 2, 1])), [2]);
  return {
    weighted,
    filtered,
    probabilities,
    logProbabilities: log(probabilities),
    desired: exp(logDesired),
    likelihoodAfter: add(likelihood, chosen),
  };
}

/** The log-likelihood of tokens `[batch, 2, time]` under logits `[batch, 2, time, vocab]`, `[batch, 2]`. */
function likelihoodOf(logits: Float, tokens: Tensor<"int64">): Float {
  const logProbabilities = sub(logits, logSumExp(logits));
  return reduceSum(gatherLast(logProbabilities, unsqueeze(tokens, [3])), [2, 3]);
}

/** Logits of both classes side by side: two arrays `[batch, …]` → `[batch, 2, …]`. */
async function classLogits(file: GoldenFile, path: string): Promise<NumericArray> {
  const both: NumericArray[] = [];
  for (const name of classes) both.push(await file.array(`${path}.${name}`));
  const [rows, ...rest] = both[0].shape;
  const size = both[0].data.length / rows;
  const data = Array.from(
    { length: rows },
    (_, row) => both.map(({ data }) => Array.from(data).slice(row * size, (row + 1) * size)),
  );
  return { shape: [rows, 2, ...rest], data: data.flat(2) };
}

/** A stretch of the third axis of `[batch, 2, time, vocab]`. */
function timeSlice({ shape, data }: NumericArray, from: number, to: number): NumericArray {
  const [rows, two, time, vocabulary] = shape;
  const kept = Array.from(data).filter((_, i) => {
    const place = Math.floor(i / vocabulary) % time;
    return from <= place && place < to;
  });
  return { shape: [rows, two, to - from, vocabulary], data: kept };
}

function valueOf({ shape, data }: NumericArray): Value {
  return floats(shape, Float32Array.from(data));
}
