import assert from "node:assert/strict";
import { firstWays, guidesOf, offeredModels } from "../../lib/explore/ways.ts";
import { withExplored } from "./tiny_explorer.ts";

Deno.test("a page begins with the ways that are given, or else with the first label of the first model", async () => {
  await withExplored(({ guides: [guide] }) => {
    const steering = [{ label: "rude", inverse: true }, { label: "positive", beta: 3 }];
    assert.deepEqual(firstWays([{ ...guide, steering: [] }, { ...guide, steering }]), [
      { model: "arm (2)", label: "rude", inverse: true, beta: 10 },
      { model: "arm (2)", label: "positive", inverse: false, beta: 3 },
    ]);
    assert.deepEqual(firstWays([{ ...guide, steering: [] }]), [
      { model: "arm", label: "positive", inverse: false, beta: 10 },
    ]);
    assert.deepEqual(firstWays([]), []);
    return Promise.resolve();
  });
});

Deno.test("models of one name are told apart, and each way goes to the model that it names", async () => {
  await withExplored(({ guides: [guide] }) => {
    const other = { ...guide, model: { ...guide.model } };
    const guides = [guide, other];
    const ways = [
      { model: "arm (2)", label: "rude", inverse: true, beta: 1 },
      { model: "arm", label: "positive", inverse: false, beta: 2 },
      { model: "arm (2)", label: "positive", inverse: false, beta: 3 },
    ];
    const chosen = guidesOf(ways, guides);
    assert.deepEqual(chosen.map(({ model }) => model), [other.model, guide.model]);
    assert.deepEqual(chosen.map(({ steering }) => steering), [
      [{ label: "rude", beta: 1, inverse: true }, { label: "positive", beta: 3, inverse: false }],
      [{ label: "positive", beta: 2, inverse: false }],
    ]);
    return Promise.resolve();
  });
});

Deno.test("a slider goes as far as its rule asks for, and to twice the strength that is given", async () => {
  await withExplored(({ guides: [guide] }) => {
    const most = (beta?: number) =>
      offeredModels([{ ...guide, steering: [{ label: "positive", beta }] }])[0].most;
    assert.deepEqual([undefined, 20, 50, 900].map(most), [60, 60, 100, 1000]);
    return Promise.resolve();
  });
});
