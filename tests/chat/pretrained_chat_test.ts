import assert from "node:assert/strict";
import { openBase } from "../../lib/bases/open_base.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { findModel } from "../../lib/weights/pretrained/find_model.ts";
import { skipUnless } from "../require.ts";
import { cpu } from "../run_graph.ts";

const path = await findModel("smollm2");
const name = "a pretrained model answers a chat with the tokens of transformers";

/** What transformers makes of the message by `apply_chat_template`, and its greedy answer to it. */
const golden = {
  message: "What do you think of rain?",
  // deno-fmt-ignore
  prompt: [1,9690,198,2683,359,253,5356,5646,11173,3365,3511,308,34519,28,7018,411,407,19712,8182,2,198,1,4093,198,1780,536,346,1510,282,5249,47,2,198,1,520,9531,198],
  answer: [504, 5249, 30, 657, 506, 253, 10354, 284, 19901, 4047, 338, 416],
};

Deno.test({
  name: path === undefined ? `${name} (skipped: SmolLM2 is not on this machine)` : name,
  ignore: skipUnless("smollm2", path !== undefined),
  async fn() {
    const { base, tokenizer } = await openBase(path!, cpu);
    await using _ = base;
    const { ids, promptIds } = await generateTexts(base, tokenizer, [golden.message], {
      chat: true,
      topK: 1,
      samples: 1,
      maxNewTokens: golden.answer.length,
    });
    assert.deepEqual(promptIds, [golden.prompt]);
    assert.deepEqual(ids, [[golden.answer]]);
  },
});
