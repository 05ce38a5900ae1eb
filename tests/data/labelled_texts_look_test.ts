import assert from "node:assert/strict";
import { shownLabelledTexts } from "../../lib/data/labelled_texts_look.ts";
import { lookOf } from "../../lib/notebook/display.ts";

Deno.test("labelled texts show how many there are, the mean of each label, and the first texts", async () => {
  const data = shownLabelledTexts({
    texts: ["good", "bad", "<i>so</i>\nso", "d", "e", "f", "g"],
    labels: Float32Array.of(1, 0.25, 0, NaN, 0.5, 0.75, 1, 0, 0, 0, 1, 0, 1, 1),
    labelNames: ["positive", "rude"],
    skipped: 3,
  });
  const look = await lookOf(data);
  assert.equal(
    look!["text/plain"],
    [
      "Labelled texts",
      "",
      "texts             7",
      "mean of positive  0.643",
      "mean of rude      0.333",
      "left out          3 without a text or label",
      "",
      "text          positive  rude",
      "good                 1  0.25",
      "bad                  0     –",
      "<i>so</i>↵so       0.5  0.75",
      "d                    1     0",
      "e                    0     0",
      "… 2 more",
    ].join("\n"),
  );
  assert.ok(!(look!["text/html"] as string).includes("<i>"));
});
