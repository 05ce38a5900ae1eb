import { reshape } from "../lib/graph/ops/mod.ts";
import { input } from "../lib/graph/tensor.ts";
import { ownBasePart } from "../lib/bases/own_base.ts";
import { forward as readTexts } from "../lib/models/forward.ts";
import { languageModelHead } from "../lib/models/language_model_head.ts";
import { PartSession } from "../lib/inference/part_session.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";
import { floatsValue, idsValue, numbersOf, runOnce } from "./run_once.ts";

/** What the README allows logits of the language model. */
export const logitsTolerance: Tolerance = { absolute: 2e-5 };

/** A language model by itself: a full pass, and left-padded rows of different lengths, with and without a cache. */
export async function forward(golden: Golden, tolerance = logitsTolerance): Promise<void> {
  await golden.report.section("forward.full", () => full(golden, tolerance));
  await golden.report.section("forward.left_padded", () => leftPadded(golden, tolerance));
}

async function full(
  { folder, device, report, reference }: Golden,
  tolerance: Tolerance,
): Promise<void> {
  const file = folder.file("forward");
  const { backbone, parameters } = await reference();
  const rows = await file.ids("full.input_ids");
  const shape = ["batch", "time"];
  const { hidden } = readTexts(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const logits = languageModelHead(backbone, parameters, hidden);
  const outputs = await runOnce(
    {
      hidden: reshape(hidden, [...shape, backbone.width]),
      logits: reshape(logits, [...shape, backbone.vocabulary]),
    },
    { ids: idsValue(rows), mask: floatsValue(rows.map((row) => row.map(() => 1))) },
    device,
  );
  await report.compare(file, "full.hidden", numbersOf(outputs.hidden), tolerance);
  await report.compare(file, "full.logits", numbersOf(outputs.logits), tolerance);
}

async function leftPadded(
  { folder, device, report, reference }: Golden,
  tolerance: Tolerance,
): Promise<void> {
  const file = folder.file("forward");
  const { spec, parameters } = await reference();
  const path = (name: string) => `left_padded.${name}`;
  if (!await file.has("left_padded")) return;
  const prompts = await file.has(path("rows"))
    ? await file.ids(path("rows"))
    : await unpadded(file, path);

  const lengths = { shape: [prompts.length], data: prompts.map(({ length }) => length) };
  await report.compare(file, path("lengths"), lengths, exact, { optional: true });

  const next = await file.ids(path("next_tokens"));
  const steps = next[0].map((_, step) => next.map((row) => row[step]));
  const part = ownBasePart(spec, parameters);
  await using model = await PartSession.open(part, (inputs) => {
    const { logits, ...state } = part.logits(inputs);
    return { ...state, outputs: { logits } };
  }, device);
  using reading = model.start(prompts);
  const last = numbersOf((await reading.read({})).logits);
  await report.compare(file, path("last_logits"), last, tolerance);

  const cached: NumericArray[] = [];
  const whole: NumericArray[] = [];
  for (const [step, tokens] of steps.entries()) {
    reading.accept(tokens);
    cached.push(numbersOf((await reading.read({})).logits));
    const longer = prompts.map((prompt, row) => [...prompt, ...next[row].slice(0, step + 1)]);
    using again = model.start(longer);
    whole.push(numbersOf((await again.read({})).logits));
  }
  for (const [way, logits] of Object.entries({ "with a cache": cached, "full pass": whole })) {
    await report.compare(file, path("next_logits"), stacked(logits), tolerance, { way });
  }
}

/** The rows without their padding. */
async function unpadded(file: GoldenFile, path: (name: string) => string): Promise<number[][]> {
  const rows = await file.ids(path("input_ids"));
  const mask = await file.ids(path("attention_mask"));
  return rows.map((row, b) => row.filter((_, t) => mask[b]?.[t] === 1));
}

/** Matrices `[rows, n]` of several steps as one array `[rows, steps, n]`. */
function stacked(steps: readonly NumericArray[]): NumericArray {
  const [rows, n] = steps[0].shape;
  const data = new Float32Array(rows * steps.length * n);
  for (let row = 0; row < rows; row++) {
    steps.forEach((step, i) => {
      for (let j = 0; j < n; j++) data[(row * steps.length + i) * n + j] = step.data[row * n + j];
    });
  }
  return { shape: [rows, steps.length, n], data };
}
