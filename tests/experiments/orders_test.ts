import assert from "node:assert/strict";
import { claims } from "../../lib/experiments/claims.ts";
import {
  type OrderedPoint,
  orderOf,
  type OrderRow,
  orderVerdict,
} from "../../lib/experiments/orders.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";

/** Three prompts with two texts each, all alike. */
const point = (beta: number, reward: number, nats: number): OrderedPoint => {
  const texts = (value: number) => Array.from({ length: 3 }, () => [value, value]);
  return { beta, rewards: texts(reward), logRatios: texts(nats) };
};
const alone = point(0, 0.5, 0);

Deno.test("systems are compared at as many nats, as far as both go, over the square root of these", () => {
  const { difference, nats } = orderOf([alone, point(1, 0.9, 1)], [alone, point(5, 0.7, 4)]);
  // at √nats = x the first has 0.5 + 0.4 x up to 1, the second 0.5 + 0.1 x: 0.15 more on average
  assert.equal(nats, 1);
  for (const value of Object.values(difference)) {
    assert.ok(Math.abs(value - 0.15) < 1e-9, `${value}`);
  }
});

Deno.test("a verdict says what the paper claims and whether the whole interval agrees", () => {
  const row = (low: number, high: number, claimed: OrderRow["claimed"]): OrderRow => ({
    paper: "P",
    system: "A",
    reference: "B",
    claimed,
    source: "table 1",
    nats: 2,
    difference: { estimate: (low + high) / 2, low, high },
  });
  assert.equal(
    orderVerdict(row(0.1, 0.3, "ahead")),
    "P: A is ahead of B (table 1). So it is here: it is ahead, reward at as many nats, up to 2.0, differs by 0.200 [0.100, 0.300].",
  );
  assert.match(
    orderVerdict(row(-0.3, -0.1, "ahead")),
    /^P: A is ahead of B \(table 1\)\. Not so here: it is behind,/,
  );
  assert.match(orderVerdict(row(-0.1, 0.3, "on par")), /So it is here: they are not told apart,/);
});

Deno.test("claims are of systems that the small world has", () => {
  const { systems, further = [] } = worldProfile().tasks.sentiment;
  const names = [...systems, ...further].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { system, reference } of claims) {
    assert.ok(names.includes(system) && names.includes(reference), `${system}, ${reference}`);
  }
});
