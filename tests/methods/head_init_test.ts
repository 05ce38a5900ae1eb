import assert from "node:assert/strict";
import { join } from "node:path";
import { defaultHeadInit } from "../../lib/methods/head_init.ts";
import type { RewardModelOptions } from "../../lib/methods/reward_model_options.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { trainLanguageModel } from "../../lib/train/train_language_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("wide bases get heads that begin at zero", () => {
  assert.deepEqual([128, 255].map(defaultHeadInit), ["normal", "normal"]);
  assert.deepEqual([256, 768].map(defaultHeadInit), ["zeros", "zeros"]);
});

const texts = ["a good day", "a bad day", "good", "bad"];
const data = { texts, labels: Float32Array.of(1, 0, 1, 0), labelNames: ["good"], skipped: 0 };
const tiny = { layers: 1, heads: 2, contextLength: 8, vocabularySize: 270, maxSteps: 1 };

Deno.test("a new ARM rates nothing where its head begins at zero: by width, as asked for, or as published", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const width of [16, 256]) {
      const base = join(folder, String(width));
      await trainLanguageModel(texts, cpu, { ...tiny, width, out: base });
      const marginals = async (options: Partial<RewardModelOptions>) => {
        const rows: Record<string, unknown>[] = [];
        const course = { out: join(folder, "arm"), overwrite: true, maxSteps: 2, holdOut: 0 };
        await trainRewardModel(data, cpu, {
          ...course,
          kind: "arm",
          base,
          ...options,
          onStep: (row) => rows.push({ ...row }),
        });
        return rows.map(({ regularizer }) => regularizer as number);
      };
      const zeros = await marginals({ headInit: "zeros" });
      assert.equal(zeros[0], 0);
      assert.ok(zeros[1] > 0);
      const normal = await marginals({ headInit: "normal" });
      assert.ok(normal[0] > 0);
      assert.deepEqual(await marginals({}), width === 256 ? zeros : normal);
      assert.equal((await marginals({ published: true }))[0] > 0, true);
    }
  });
});

Deno.test("how a head begins is not asked for where it is gone on from, or shares the base's trunk", async () => {
  await withTemporaryFolder(async (folder) => {
    const base = join(folder, "base");
    await trainLanguageModel(texts, cpu, { ...tiny, width: 16, out: base });
    const given = { kind: "arm", base, headInit: "zeros", out: join(folder, "arm") } as const;
    await assert.rejects(
      trainRewardModel(data, cpu, { ...given, init: base }),
      new TypeError(
        "'headInit' does not go with 'init', which brings its head: leave one of them out",
      ),
    );
    await assert.rejects(
      trainRewardModel(data, cpu, { ...given, trunk: "all" }),
      new TypeError("'headInit' does not go with 'trunk': leave one of them out"),
    );
  });
});
