import assert from "node:assert/strict";
import { lookOf } from "../../lib/notebook/display.ts";
import { fitResult, hardlyLearnt } from "../../lib/train/fit_result.ts";

Deno.test("a result shows itself as a table, in which hostile names are text", async () => {
  const folder = `<script>alert("1")</script>\u001b[31m`;
  const result = fitResult({
    steps: 1200,
    finished: false,
    seconds: 12.34,
    losses: { loss: 0.25 },
    evaluation: { loss: 0.5 },
    folder,
    curve: [],
  });
  const look = (await lookOf(result))!;
  assert.equal(
    look["text/plain"],
    [
      "Training",
      "",
      "Steps                 1,200",
      "Finished              no, stopped: run it again with resume: true to go on",
      "Time                  12.3 s",
      "Last batch, loss      0.2500",
      "Held-out texts, loss  0.5000",
      `Folder                <script>alert("1")</script>␛[31m`,
    ].join("\n"),
  );
  assert.match(look["text/html"] as string, /&lt;script&gt;alert/);
  assert.doesNotMatch(look["text/html"] as string, /<script/);
  assert.ok(!(look["text/html"] as string).includes("\u001b"));
  assert.equal(JSON.parse(JSON.stringify(result)).steps, 1200);
});

Deno.test("a result says where a run had ended before, and where none had begun", async () => {
  const plain = async (finished: boolean) =>
    (await lookOf(fitResult({ steps: 0, finished, seconds: 0, curve: [] })))!["text/plain"];
  assert.equal(
    await plain(true),
    "Training\n\nSteps     0\nFinished  it had ended before\nTime      0.0 s",
  );
  assert.match(await plain(false) as string, /Finished +no, stopped before the first step/);
});

Deno.test("a model that is no better than one prediction for all texts says so, and what to try", () => {
  const constantLosses = { loss: 0.25, cumulative: 0.25 };
  const said = (evaluation: number, losses: number) =>
    hardlyLearnt({
      constantLosses,
      evaluation: { loss: evaluation, cumulative: evaluation, regularizer: 0 },
      losses: { loss: losses },
    });
  assert.equal(said(0.2, 0.2), undefined);
  assert.equal(
    said(0.2478, 0.2448),
    "On held-out texts the model is no better than one prediction for all, though on its training texts it is: " +
      "give it more texts, or fewer epochs",
  );
  assert.equal(
    said(0.2448, 0.2478),
    undefined,
  );
  assert.equal(
    said(0.2478, 0.2478),
    "On held-out texts the model is no better than one prediction for all: " +
      "give it more texts or epochs, or another learning rate",
  );
  assert.equal(hardlyLearnt({ evaluation: { loss: 0.3 } }), undefined);
});
