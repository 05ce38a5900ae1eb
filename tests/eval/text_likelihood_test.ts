import assert from "node:assert/strict";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { openLikelihoodJudge } from "../../lib/eval/likelihood.ts";
import { countWords, textLikelihoods } from "../../lib/eval/text_likelihood.ts";
import { modelSpecJson, shapesOf } from "../../lib/methods/model_spec.ts";
import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import { writeModelFolder } from "../../lib/weights/model_folder.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { randomParameters } from "../tiny_models.ts";

Deno.test("a continuation's likelihood under other tokens is that of the whole text without the prompt's, wherever the seam falls", async () => {
  await withTemporaryFolder(async (folder) => {
    const backbone = gpt2Backbone({ vocabulary: 270, context: 24, width: 16, layers: 2, heads: 2 });
    const spec = { kind: "lm", backbone, bos: true } as const;
    await writeTokenizer(folder, trainByteLevelBpe(["abab abab cab"], { vocabSize: 262 }));
    await writeModelFolder(folder, {
      config: modelSpecJson(spec),
      shapes: shapesOf(spec),
      values: randomParameters(spec, 5),
    });
    const tokenizer = await loadTokenizer(folder);
    await using judge = await openLikelihoodJudge(folder, cpu);
    const texts = [
      { prompt: "cab", continuation: " abab" },
      // the seam is within a token
      { prompt: "ca", continuation: "b ab" },
      { prompt: "", continuation: "ab" },
      { prompt: "ab", continuation: "" },
    ];
    const [first, whole] = [tokenizer.encode("ca"), tokenizer.encode("cab ab")];
    assert.notDeepEqual(whole.slice(0, first.length), first);

    const all = async (text: string) =>
      (await judge.negativeLogLikelihoods([{ prompt: [], ids: tokenizer.encode(text) }]))[0];
    const found = await textLikelihoods(judge, tokenizer, texts);
    for (const [i, { prompt, continuation }] of texts.entries()) {
      const expected = await all(prompt + continuation) - await all(prompt);
      assert.ok(Math.abs(found[i] - expected) < 1e-4, `${i}: ${found[i]}, ${expected}`);
    }
    assert.equal(found[3], 0);
  });
});

Deno.test("words are counted between white space", () => {
  const counted = [" a film, that\n\nis", "", " \t", "end."].map(countWords);
  assert.deepEqual(counted, [4, 0, 0, 1]);
});
