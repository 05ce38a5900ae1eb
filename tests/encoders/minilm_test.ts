import assert from "node:assert/strict";
import { join } from "node:path";
import { embedTexts } from "../../lib/encoders/embed_texts.ts";
import { openEncoder } from "../../lib/encoders/open_encoder.ts";
import { skipUnless } from "../require.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { modelsFolder } from "../shared_data.ts";
import { saidBy } from "./said_by.ts";

const folder = join(modelsFolder ?? "", "all-MiniLM-L6-v2");
const isThere = modelsFolder !== undefined &&
  await Deno.stat(folder).then(() => true, () => false);

/** What transformers makes of texts, pooled and normalized: the first numbers, and the sum of all 384. */
const golden: [text: string, first: number[], sum: number][] = [
  [
    "That is a happy person.",
    [-0.024672, 0.0861169, 0.0457021, -0.0409682, -0.068466, -0.0076614],
    0.657168,
  ],
  [
    "Das ist eine glückliche Person, nicht wahr?",
    [-0.0553291, 0.0583849, 0.0101879, 0.0005526, -0.0628392, -0.0031887],
    -0.332878,
  ],
  [
    "word ".repeat(400),
    [-0.0081237, -0.095586, -0.0386731, 0.049662, -0.0437937, 0.0237198],
    -0.785965,
  ],
];

Deno.test({
  name: isThere
    ? "all-MiniLM-L6-v2 has the embeddings of sentence-transformers"
    : "all-MiniLM-L6-v2 has the embeddings of sentence-transformers (skipped: it is not in $ARMATURE_MODELS)",
  ignore: skipUnless("minilm", isThere),
  async fn() {
    await using encoder = await openEncoder(folder, cpu);
    assert.equal(encoder.longestText, 256);
    await saidBy(async () => {
      const embeddings = await embedTexts(encoder, golden.map(([text]) => text));
      golden.forEach(([text, first, sum], i) => {
        const difference = largestDifference(embeddings[i].subarray(0, first.length), first);
        assert.ok(difference < 1e-6, `${text.slice(0, 20)}: ${difference}`);
        assert.ok(Math.abs(embeddings[i].reduce((a, b) => a + b) - sum) < 2e-5);
      });
    });
  },
});
