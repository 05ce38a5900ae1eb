import assert from "node:assert/strict";
import { join } from "node:path";
import { createWorld } from "../../lib/data/world/world.ts";
import { openModelFolder, readParameters } from "../../lib/weights/model_folder.ts";
import { parseLanguageModel } from "../../lib/models/language_model_spec.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { Random } from "../../lib/random.ts";
import type { MetricsRow } from "../../lib/train/metrics_row.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("heads train alone: they learn, open as models, and the backbone is that of the base", async () => {
  const world = createWorld();
  const random = new Random(1, "texts");
  const samples = Array.from({ length: 80 }, () => world.sample(random));
  const data = {
    texts: samples.map(({ text }) => text),
    labels: Float32Array.from(samples.map(({ positive }) => +positive)),
    labelNames: ["positive"],
    skipped: 0,
  };
  await withTemporaryFolder(async (parent) => {
    const base = join(parent, "base");
    const small = { vocabularySize: 300, contextLength: 40, width: 16, layers: 2, heads: 2 };
    await trainLanguageModel(data.texts, cpu, { out: base, ...small, maxSteps: 2 });
    const folder = await openModelFolder(base);
    const { backbone } = parseLanguageModel(folder.config, base, String);
    const wants = await readParameters(folder, backbone.shapes);
    for (const kind of ["arm", "rad", "fudge"] as const) {
      const out = join(parent, kind);
      const losses: number[] = [];
      const onStep = ({ loss }: MetricsRow) => losses.push(loss as number);
      const settings = { train: "head", batchSize: 20, onStep } as const;
      await trainRewardModel(data, cpu, { kind, base, out, ...settings });
      // an epoch is four batches of the same texts
      const sum = (part: number[]) => part.reduce((total, loss) => total + loss, 0);
      assert.ok(sum(losses.slice(-4)) < sum(losses.slice(0, 4)), `${kind}: ${losses}`);
      await using _model = await openRewardModel(out, cpu);
      const shapes = new Map([...backbone.shapes].filter(([name]) => name.startsWith("h.")));
      for (const [name, values] of await readParameters(await openModelFolder(out), shapes)) {
        assert.deepEqual(values, wants.get(name), name);
      }
    }
    await assert.rejects(
      trainRewardModel(data, cpu, {
        kind: "arm",
        base,
        out: join(parent, "both"),
        train: "head",
        lora: { rank: 2 },
      }),
      /'lora' does not go with 'train: "head"'/,
    );
  });
});
