import assert from "node:assert/strict";
import { join } from "node:path";
import { openBase } from "../../lib/bases/open_base.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import type { LabelledTexts } from "../../lib/data/labelled_texts.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { mean } from "../../lib/eval/mean.ts";
import { Random } from "../../lib/random.ts";
import type { LabelOptions } from "../../lib/train/label_options.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { trainLanguageModelOnLabel } from "../../lib/train/train_language_model_on_label.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const random = new Random(1, "texts");
const words = [["kind", "warm", "calm"], ["cold", "rude", "loud"]];
/** Texts of kind words or of rude ones, and a second label that says nothing. */
const corpus: LabelledTexts = {
  texts: Array.from(
    { length: 400 },
    (_, i) => Array.from({ length: 6 }, () => words[i % 2][random.integer(3)]).join(" "),
  ),
  labels: Float32Array.from({ length: 800 }, (_, i) => i % 2 === 0 ? 1 - (i / 2) % 2 : 0.5),
  labelNames: ["kind", "even"],
  skipped: 0,
};
const training = {
  learningRate: 1e-2,
  schedule: "constant",
  warmupSteps: 0,
  batchSize: 25,
  holdOut: 0,
  keepOptimizer: false,
} as const;
const sizes = { vocabularySize: 300, contextLength: 40, width: 16, layers: 1, heads: 2 };

/** The share of kind texts among those of a model. */
async function kindness(folder: string, controlCode?: string): Promise<number> {
  const { base, tokenizer } = await openBase(folder, cpu, { controlCode });
  await using _base = base;
  const { texts } = await generateTexts(base, tokenizer, [""], { samples: 60, traces: false });
  return mean(texts[0].continuations.map((text) => /^(kind|warm|calm)/.test(text) ? 1 : 0));
}

Deno.test("DAPT writes as its texts, and CTRL as its control code says", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, dapt, ctrl] = ["init", "dapt", "ctrl"].map((name) => join(folder, name));
    await trainLanguageModel(corpus.texts, cpu, { ...training, ...sizes, out: init, epochs: 4 });
    const labelled = { ...training, init, label: "kind" } as const;
    const went = await trainLanguageModelOnLabel(corpus, cpu, {
      ...labelled,
      method: "dapt",
      inverse: true,
      out: dapt,
      epochs: 2,
    });
    assert.equal(went.steps, 2 * 200 / 25);
    await trainLanguageModelOnLabel(corpus, cpu, {
      ...labelled,
      method: "ctrl",
      codes: ["yes", "no"],
      out: ctrl,
      epochs: 3,
    });
    const [before, away, chosen, other] = [
      await kindness(init),
      await kindness(dapt),
      await kindness(ctrl),
      await kindness(ctrl, "no"),
    ];
    assert.ok(before > 0.2 && away < 0.1, `${before} to ${away}`);
    assert.ok(chosen > 0.75 && other < 0.1, `${chosen} and ${other}`);

    const tokenizer = await loadTokenizer(ctrl);
    const { base } = await openBase(ctrl, cpu, { controlCode: "no" });
    await using _base = base;
    const [bos] = base.begin([]);
    assert.deepEqual(base.begin([1, 2]), [bos, tokenizer.encode("no")[0], 1, 2]);
    assert.equal(base.longestText, sizes.contextLength - 2);
    await assert.rejects(openBase(ctrl, cpu, { controlCode: "fine" }), {
      name: "RangeError",
      message: `'${ctrl}' has no control code 'fine': it has 'yes', 'no'.`,
    });
    await assert.rejects(openBase(init, cpu, { controlCode: "no" }), {
      name: "RangeError",
      message: /^'.*init' was trained without control codes, so there is no 'no': leave /,
    });
  });
});

Deno.test("what has no such label, or nothing to tell apart, is refused before any work", async () => {
  await withTemporaryFolder(async (out) => {
    const refused = (options: Partial<LabelOptions>, message: RegExp) =>
      assert.rejects(
        trainLanguageModelOnLabel(corpus, cpu, {
          ...training,
          out,
          method: "ctrl",
          label: "kind",
          ...options,
        }),
        { message },
      );
    await refused({ label: "brief" }, /no label 'brief': they have kind, even\.$/);
    await refused({ label: undefined }, /have 2 labels \(kind, even\): choose one/);
    await refused({ threshold: 0 }, /^Every text has the label 'kind' as asked, the label's /);
    await refused({ method: "dapt" }, /goes on with a language model: name one with 'init'\.$/);
    await refused({ method: "dapt", codes: ["a", "b"] }, /leave 'codes' out\.$/);
    await refused({ codes: ["a", "a"] }, /'a' and 'a' do not begin with different tokens/);
    assert.deepEqual([...Deno.readDirSync(out)], []);
  });
});
