import assert from "node:assert/strict";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinySpecs, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";
import { openTinyTrainer, partsOf, tinyExamples } from "../train/tiny_training.ts";

Deno.test("GeDi's loss is that of whole texts, read to their end after either code", async () => {
  await withTemporaryFolder(async (folder) => {
    await using whole = await WholeTextModel.open(await writeTinyModel(folder, "gedi", 1));
    await using trainer = await openTinyTrainer("gedi");
    const examples = tinyExamples("gedi", 5);
    const [scale] = whole.values.get("logit_scale")!;
    const bias = whole.values.get("bias")!;
    const { codes, backbone: { endOfText } } = tinySpecs.gedi;

    /** The log-likelihood of a text and its end after a code, over the number of these tokens. */
    const likelihood = async (code: number, ids: number[]) => {
      const read = ids.map((_, i) => [code, ...ids.slice(0, i)]);
      const logits = await whole.logits([...read, [code, ...ids]]);
      return [...ids, endOfText].reduce((sum, token, i) => {
        const total = logits[i].reduce((sum, z) => sum + Math.exp(z - logits[i][token]), 0);
        return sum - Math.log(total);
      }, 0) / (ids.length + 1);
    };
    const expected = { generative: 0, discriminative: 0 };
    for (const { ids, labels } of examples) {
      const [desired, undesired] = [
        await likelihood(codes[0], Array.from(ids)),
        await likelihood(codes[1], Array.from(ids)),
      ];
      const odds = scale * (desired - undesired) + bias[0] - bias[1];
      const isDesired = labels[0] >= 0.5;
      expected.generative -= (isDesired ? desired : undesired) / examples.length;
      expected.discriminative += Math.log(1 + Math.exp(isDesired ? -odds : odds)) /
        examples.length;
    }
    const losses = await trainer.evaluate(partsOf(examples, 2, 3));
    const near = (actual: number, expected: number) =>
      assert.ok(Math.abs(actual - expected) <= 1e-5 * Math.max(1, expected), `${actual}`);
    near(losses.generative, expected.generative);
    near(losses.discriminative, expected.discriminative);
    near(losses.loss, 0.8 * expected.generative + 0.2 * expected.discriminative);
  });
});
