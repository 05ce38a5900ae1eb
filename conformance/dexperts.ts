import { nucleus } from "../lib/decode/filters.ts";
import {
  add,
  greaterOrEqual,
  mul,
  slice,
  softmax,
  sub,
  topK,
  unsqueeze,
  where,
} from "../lib/graph/ops/mod.ts";
import { constant, scalar, type Tensor } from "../lib/graph/tensor.ts";
import { rules } from "../lib/methods/rules.ts";
import { exact, type NumericArray, type Tolerance } from "./compare.ts";
import type { Golden } from "./golden.ts";
import { numbersOf, runOnce } from "./run_once.ts";

type Float = Tensor<"float32">;

const logitsTolerance: Tolerance = { absolute: 2e-5 };
const probabilityTolerance: Tolerance = { absolute: 2e-6 };

/** DExperts' step on given logits: nucleus filter, the ensemble, temperature, filters of the ensemble. */
export async function dexperts({ folder, device, report }: Golden): Promise<void> {
  const file = folder.file("dexperts");
  const count = await file.count("cases");
  for (let i = 0; i < count; i++) {
    const path = `cases.${i}`;
    await report.section(`dexperts.${path}`, async () => {
      const number = (name: string) => file.number(`${path}.${name}`);
      const logits = async (name: string) => constantOf(await file.array(`${path}.${name}`));
      const has = async (name: string) => await file.at(`${path}.${name}`) !== null;

      const base = nucleus(
        await logits("base_logits"),
        scalar("float32", await number("filter_p")),
      );
      // where one of the two is missing, the base logits stand in
      const expert = await has("expert_logits") ? await logits("expert_logits") : base;
      const antiExpert = await has("antiexpert_logits") ? await logits("antiexpert_logits") : base;
      const scores = unsqueeze(sub(expert, antiExpert), [1]);
      const [towards, away] = [await number("alpha"), 0].map((x) => constant("float32", [1], [x]));
      const ensemble = add(base, rules.difference(scores, { towards, away }).varying);

      const kept = await number("top_k_after");
      const tempered = mul(ensemble, 1 / await number("temperature"));
      const filtered = nucleus(
        kept > 0 ? largestOf(tempered, kept) : tempered,
        scalar("float32", await number("top_p_after")),
      );
      const outputs = await runOnce({ ensemble, probabilities: softmax(filtered) }, {}, device);
      const probabilities = numbersOf(outputs.probabilities);
      await report.compare(
        file,
        `${path}.ensemble_logits`,
        numbersOf(outputs.ensemble),
        logitsTolerance,
      );
      await report.compare(file, `${path}.probabilities`, probabilities, probabilityTolerance);
      await report.compare(file, `${path}.kept`, possible(probabilities), exact);
    });
  }
}

function constantOf({ shape, data }: NumericArray): Float {
  return constant("float32", shape, Float32Array.from(data));
}

/** The k largest logits of every row; the others are −∞. */
function largestOf(logits: Float, k: number): Float {
  const [largest] = topK(logits, k);
  return where(greaterOrEqual(logits, slice(largest, 1, k - 1, k)), logits, -Infinity);
}

/** How many tokens of every row have a probability above 0. */
function possible({ shape: [rows, vocabulary], data }: NumericArray): NumericArray {
  const counts = Array.from(
    { length: rows },
    (_, row) =>
      Array.from(data).slice(row * vocabulary, (row + 1) * vocabulary).filter((p) => p > 0).length,
  );
  return { shape: [rows], data: counts };
}
