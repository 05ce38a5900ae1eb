import assert from "node:assert/strict";
import { LossCurve } from "../../lib/train/loss_curve.ts";

const row = (step: number, losses: Record<string, number>) => ({
  ...{ step, epoch: 0, rate: 1 },
  ...losses,
});

Deno.test("few steps are points of their own, of training and of held-out texts", () => {
  const curve = new LossCurve();
  curve.add(row(1, { loss: 3 }));
  curve.add(row(2, { loss: 2, eval_loss: 2.5 }));
  assert.deepEqual(curve.points, [
    { step: 1, loss: 3, series: "training" },
    { step: 2, loss: 2, series: "training" },
    { step: 2, loss: 2.5, series: "held out" },
  ]);
});

Deno.test("many steps are few points, each the mean of its steps", () => {
  for (const steps of [200, 201, 1000, 12_345]) {
    const curve = new LossCurve();
    for (let step = 1; step <= steps; step++) curve.add(row(step, { loss: 2 * step }));
    const { points } = curve;
    assert.ok(points.length > 100 && points.length <= 200, `${points.length}`);
    assert.ok(points[0].step < 0.02 * steps + 1 && points.at(-1)!.step > 0.98 * steps);
    for (const { step, loss } of points) assert.equal(loss, 2 * step);
    const ordered = points.toSorted((a, b) => a.step - b.step);
    assert.deepEqual(points, ordered);
  }
});
