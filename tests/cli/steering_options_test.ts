import assert from "node:assert/strict";
import { steeringOf, SteeringOptions } from "../../lib/cli/steering_options.ts";

Deno.test("settings belong to the reward model before them, and a repeated one begins another way", () => {
  const options = new SteeringOptions();
  options.addReward("sentiment");
  options.set("beta", 20);
  options.addReward("toxicity");
  options.set("label", "insult");
  options.set("inverse", true);
  options.set("label", "threat");
  options.set("beta", 5);
  assert.equal(options.orphan, undefined);
  assert.deepEqual(options.groups, [
    { folder: "sentiment", ways: [{ beta: 20 }] },
    {
      folder: "toxicity",
      ways: [{ label: "insult", inverse: true }, { label: "threat", beta: 5 }],
    },
  ]);
});

Deno.test("a setting before any reward model is an orphan", () => {
  const options = new SteeringOptions();
  options.set("inverse", true);
  options.addReward("sentiment");
  assert.equal(options.orphan, "inverse");
});

Deno.test("a label may be left out only where there is one", () => {
  const group = { folder: "sentiment", ways: [{ beta: 20 }] };
  assert.deepEqual(steeringOf(group, ["positive"]), [{ beta: 20, label: "positive" }]);
  assert.throws(() => steeringOf(group, ["positive", "rude"]), /--label among positive, rude/);
  const named = { folder: "sentiment", ways: [{ label: "calm" }] };
  assert.throws(() => steeringOf(named, ["positive"]), /has no label 'calm'.* among positive/);
});
