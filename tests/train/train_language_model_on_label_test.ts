import assert from "node:assert/strict";
import { join } from "node:path";
import { openBase } from "../../lib/bases/open_base.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { mean } from "../../lib/eval/mean.ts";
import type { LabelOptions } from "../../lib/train/label_options.ts";
import { trainLanguageModelOnLabel } from "../../lib/train/train_language_model_on_label.ts";
import { kindnessOf, kindTexts, trainKindModel } from "../kind_texts.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const training = {
  learningRate: 1e-2,
  schedule: "constant",
  warmupSteps: 0,
  batchSize: 25,
  holdOut: 0,
  keepOptimizer: false,
} as const;

/** The share of kind words in the texts of a model. */
async function kindness(folder: string, controlCode?: string): Promise<number> {
  const { base, tokenizer } = await openBase(folder, cpu, { controlCode });
  await using _base = base;
  const { texts } = await generateTexts(base, tokenizer, [""], { samples: 60, traces: false });
  return mean(texts[0].continuations.map(kindnessOf));
}

Deno.test("DAPT writes as its texts, and CTRL as its control code says", async () => {
  await withTemporaryFolder(async (folder) => {
    const [init, dapt, ctrl] = ["init", "dapt", "ctrl"].map((name) => join(folder, name));
    await trainKindModel(init);
    const labelled = { ...training, init, label: "kind" } as const;
    const went = await trainLanguageModelOnLabel(kindTexts, cpu, {
      ...labelled,
      method: "dapt",
      inverse: true,
      out: dapt,
      epochs: 2,
    });
    assert.equal(went.steps, 2 * 200 / 25);
    await trainLanguageModelOnLabel(kindTexts, cpu, {
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
    assert.equal(base.longestText, 40 - 2);
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
        trainLanguageModelOnLabel(kindTexts, cpu, {
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
