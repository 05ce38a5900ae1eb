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
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const world = createWorld();
const random = new Random(1, "texts");
const samples = Array.from({ length: 80 }, () => world.sample(random));
const data = {
  texts: samples.map(({ text }) => text),
  labels: Float32Array.from(samples.map(({ positive }) => +positive)),
  labelNames: ["positive"],
  skipped: 0,
};
const small = { vocabularySize: 300, contextLength: 40, width: 16, layers: 2, heads: 2 };

async function withBase(run: (base: string, parent: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const base = join(parent, "base");
    await trainLanguageModel(data.texts, cpu, { out: base, ...small, maxSteps: 2 });
    await run(base, parent);
  });
}

Deno.test("heads train alone: they learn, open as models, are all that is stored, and the rest is the base's", async () => {
  await withBase(async (base, parent) => {
    const folder = await openModelFolder(base);
    const { backbone } = parseLanguageModel(folder.config, base, String);
    const wants = await readParameters(folder, backbone.shapes);
    for (const kind of ["arm", "rad", "fudge"] as const) {
      const out = join(parent, kind);
      const losses: number[] = [];
      const onStep = ({ loss }: MetricsRow) => losses.push(loss as number);
      const settings = { trunk: "all", batchSize: 20, onStep } as const;
      await trainRewardModel(data, cpu, { kind, base, out, ...settings });
      // an epoch is four batches of the same texts
      const sum = (part: number[]) => part.reduce((total, loss) => total + loss, 0);
      assert.ok(sum(losses.slice(-4)) < sum(losses.slice(0, 4)), `${kind}: ${losses}`);
      await using _model = await openRewardModel(out, cpu);
      const own = await openSafetensors(join(out, "model.safetensors"));
      assert.ok([...own.tensors.keys()].every((name) => !backbone.shapes.has(name)), kind);
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
        trunk: "all",
        lora: { rank: 2 },
      }),
      /'lora' does not go with 'trunk'/,
    );
  });
});

Deno.test("a head learns from a teacher whose backbone is as frozen, which is asked once for every text", async () => {
  await withBase(async (base, parent) => {
    const [teacher, out] = [join(parent, "rad"), join(parent, "arm")];
    const settings = { base, trunk: "all", batchSize: 20 } as const;
    await trainRewardModel(data, cpu, { kind: "rad", out: teacher, ...settings });
    const losses: number[] = [];
    const result = await trainRewardModel(
      { ...data, labels: new Float32Array(0), labelNames: [] },
      cpu,
      {
        kind: "arm",
        teacher,
        out,
        ...settings,
        onStep: ({ distillation }: MetricsRow) => losses.push(distillation as number),
      },
    );
    assert.ok(losses.at(-1)! < 0.5 * losses[0], `${losses}`);
    assert.ok(result.evaluation);
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual(model.labels, ["positive"]);
  });
});

Deno.test("a head's run that was stopped goes on to the same weights, and one that ended is known before texts are read", async () => {
  await withBase(async (base, parent) => {
    const settings = { kind: "arm", base, trunk: "all", batchSize: 20, epochs: 3 } as const;
    const [whole, parts] = [join(parent, "whole"), join(parent, "parts")];
    await trainRewardModel(data, cpu, { out: whole, ...settings });
    const stop = new AbortController();
    const first = await trainRewardModel(data, cpu, {
      out: parts,
      ...settings,
      signal: stop.signal,
      onStep: ({ step }) => step === 5 && stop.abort(),
    });
    assert.deepEqual([first.finished, first.steps], [false, 5]);
    const early = { signal: AbortSignal.abort(), resume: true };
    const again = await trainRewardModel(data, cpu, { out: parts, ...settings, ...early });
    assert.deepEqual([again.finished, again.steps], [false, 5]);
    await trainRewardModel(data, cpu, { out: parts, ...settings, resume: true });
    const weights = (folder: string) => Deno.readFile(join(folder, "model.safetensors"));
    assert.deepEqual(await weights(parts), await weights(whole));
    // a signal that had come would end the reading
    const ended = await trainRewardModel(data, cpu, { out: parts, ...settings, ...early });
    assert.deepEqual([ended.finished, ended.steps], [true, 0]);
  });
});

Deno.test("blocks above a trunk train with the head, are all that is stored, and read what the base reads", async () => {
  await withBase(async (base, parent) => {
    const file = join(base, "config.json");
    const config = JSON.parse(await Deno.readTextFile(file));
    await Deno.writeTextFile(
      file,
      JSON.stringify({ ...config, armature: { ...config.armature, bos: false } }),
    );
    const out = join(parent, "arm");
    const losses: number[] = [];
    const onStep = ({ loss }: MetricsRow) => losses.push(loss as number);
    const settings = { kind: "arm", base, batchSize: 20, onStep } as const;
    await trainRewardModel(data, cpu, { ...settings, out, trunk: 1, epochs: 6 });
    assert.ok(losses.at(-1)! < losses[0], `${losses}`);
    const { tensors } = await openSafetensors(join(out, "model.safetensors"));
    assert.ok(tensors.has("h.1.mlp.c_fc.weight") && tensors.has("ln_f.weight"));
    assert.ok(!tensors.has("wte.weight") && !tensors.has("h.0.mlp.c_fc.weight"));
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual(model.trunk?.blocks, 1);
    assert.deepEqual(model.part!.begin([5, 6]), [5, 6]);
    await assert.rejects(trainRewardModel(data, cpu, { ...settings, out, trunk: 3 }), {
      name: "RangeError",
      message:
        `The base '${base}' has 2 blocks, so no 3 of them can be shared: give 'trunk' as 1 to 2, or "all".`,
    });
  });
});
