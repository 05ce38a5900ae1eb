import assert from "node:assert/strict";
import { strengthsOf } from "../../lib/explore/strengths.ts";
import { withExplored } from "./tiny_explorer.ts";

Deno.test("a slider can stand at the strength that was asked for", async () => {
  await withExplored(({ guides: [guide] }) => {
    const steering = [0, 0.5, 12.3, 20, 500].map((beta) => ({ label: "positive", beta }));
    for (const { beta, step, most } of strengthsOf([{ ...guide, steering }])) {
      assert.ok(
        Math.abs(beta / step - Math.round(beta / step)) < 1e-6,
        `${beta} in steps of ${step}`,
      );
      assert.ok(most >= beta);
    }
    return Promise.resolve();
  });
});
