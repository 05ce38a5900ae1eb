import assert from "node:assert/strict";
import { LiveOutput } from "../../lib/notebook/live_output.ts";
import { LiveCurve } from "../../lib/train/live_curve.ts";
import { LossCurve } from "../../lib/train/loss_curve.ts";

type Data = Record<string, unknown>;

/** A live curve, at a time that the test tells, and what it sends to the kernel. */
function recorded(label: string, now = () => 0) {
  const sent: Data[] = [];
  const output = new LiveOutput({ broadcast: (_, { data }) => sent.push(data as Data) });
  const curve = new LossCurve();
  return { curve, live: new LiveCurve(output, label, curve, now), sent };
}

const row = (step: number, losses: Data) => ({ step, epoch: 0, rate: 1, ...losses });

Deno.test("while training goes on there is a sketch now and then, and in the end a chart", async () => {
  let now = 0;
  const { curve, live, sent } = recorded("ARM", () => now);
  for (let step = 1; step <= 50; step++) {
    now += 70;
    curve.add(row(step, { loss: 3 / step, ...(step % 25 === 0 && { eval_loss: 0.5 }) }));
    live.show(`<b>step ${step}</b>`);
  }
  assert.deepEqual(
    sent.map((data) => data["text/plain"]),
    ["<b>step 1</b>", "<b>step 30</b>"],
  );
  assert.deepEqual(Object.keys(sent[0]), ["text/html", "text/plain"]);
  assert.match(sent[0]["text/html"] as string, /&lt;b&gt;step 1&lt;\/b&gt;.*<svg.*<polyline/s);

  await live[Symbol.asyncDispose]();
  assert.equal(sent.length, 3);
  assert.equal(sent[2]["text/plain"], "<b>step 50</b>");
  const spec = sent[2]["application/vnd.vegalite.v5+json"] as {
    title: { text: string[] };
    data: { values: unknown[] };
  };
  assert.deepEqual(spec.title.text, ["Learning curve: ARM"]);
  assert.deepEqual(spec.data.values, curve.points);
  assert.ok(sent[2]["image/png"] ?? sent[2]["image/svg+xml"]);
});

Deno.test("losses that are no numbers are sketched, and fail nothing", async () => {
  const { curve, live, sent } = recorded("ARM");
  curve.add(row(1, { loss: NaN }));
  live.show("line");
  await live[Symbol.asyncDispose]();
  assert.deepEqual(sent.map((data) => data["text/plain"]), ["line", "line"]);
  assert.ok(sent[1]["text/html"]);
});

Deno.test("training that has no step shows nothing", async () => {
  const { live, sent } = recorded("ARM");
  await live[Symbol.asyncDispose]();
  assert.deepEqual(sent, []);
});
