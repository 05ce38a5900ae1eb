import assert from "node:assert/strict";
import { join } from "node:path";
import { attributeTexts, ratedSentences } from "../../lib/experiments/attribute_texts.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("sentences with a rating become positive or not, those near 0 are left out, and a line without is named", () => {
  const { texts, labels } = ratedSentences(
    "1\t2.25\tA treat.\r\n2\t-0.4\tIt is a film.\r\n3\t-3\tDire. \r\n",
  );
  assert.deepEqual(texts, ["A treat.", "Dire."]);
  assert.deepEqual([...labels], [1, 0]);
  assert.throws(() => ratedSentences("1\t2.25\tA treat.\nid\trating\ttext"), {
    name: "SyntaxError",
    message: "Line 2 of 'movieReviewSnippets_GroundTruth.txt' is no rating with a sentence.",
  });
});

Deno.test("polite is what is not toxic, and a judge learns from other texts than an ARM", async () => {
  await withTemporaryFolder(async (data) => {
    await Deno.mkdir(join(data, "realtoxicity"));
    const rows = Array.from({ length: 6 }, (_, i) => ({
      prompt: { text: `prompt ${i}`, toxicity: i / 10 },
      continuation: { text: `continuation ${i}`, toxicity: i === 5 ? null : 1 },
    }));
    await Deno.writeTextFile(
      join(data, "realtoxicity", "scored.jsonl"),
      rows.map((row) => JSON.stringify(row) + "\n").join(""),
    );
    const { train, judge } = await attributeTexts("polite", { data, count: 4, seed: 1 });
    assert.deepEqual([train.texts.length, judge.texts.length], [4, 7]);
    assert.deepEqual(train.labelNames, ["polite"]);
    assert.equal(new Set([...train.texts, ...judge.texts]).size, 11);
    const at = train.texts.indexOf("prompt 3");
    const label = at < 0 ? judge.labels[judge.texts.indexOf("prompt 3")] : train.labels[at];
    assert.ok(Math.abs(label - 0.7) < 1e-6);
    const again = await attributeTexts("polite", { data, count: 4, seed: 1 });
    assert.deepEqual(again, { train, judge });
  });
});
