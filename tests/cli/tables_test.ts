import assert from "node:assert/strict";
import { descriptionTable } from "../../lib/cli/description_table.ts";
import { describeTexts, wordLength } from "../../lib/data/describe_texts.ts";
import { visible } from "../../lib/notebook/visible.ts";
import { hostileTexts } from "../hostile_texts.ts";

Deno.test("hostile names of labels are text in the description of a data set", async () => {
  const names = Object.values(hostileTexts);
  async function* texts() {
    yield { text: "a text", labels: names.map(() => 0.3) };
  }
  const table = descriptionTable(await describeTexts(texts(), names, wordLength));
  assert.equal(visible(table), table);
});
