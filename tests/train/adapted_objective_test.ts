import assert from "node:assert/strict";
import { adaptedObjective } from "../../lib/train/adapted_objective.ts";
import { initialAdapters, type Lora, loraNames, loraScale } from "../../lib/models/lora.ts";
import { Random } from "../../lib/random.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { cpu, largestDifference } from "../run_graph.ts";
import { randomParameters, tinyBackbone, tinySpecs } from "../tiny_models.ts";
import { openTinyTrainer, partsOf, tinyExamples, tinyObjectives } from "./tiny_training.ts";

const lora: Lora = { rank: 3, alpha: 12, rslora: false };

function adapted(name: keyof typeof tinyObjectives, settings: Partial<Lora> = {}) {
  const parts = { backbone: tinyBackbone, borrowed: tinyBackbone.shapes };
  const objective = adaptedObjective(tinyObjectives[name], parts, { ...lora, ...settings });
  const initial = new Map([
    ...randomParameters(tinySpecs[name], 1),
    ...initialAdapters(objective.adapters, new Random(3, "lora")),
  ]);
  return { objective, initial, open: () => Trainer.open(objective, initial, cpu, { threads: 1 }) };
}

Deno.test("fresh adapters change no loss; then they and the head train, and all else keeps every bit", async () => {
  for (const name of ["bosLm", "arm", "rad", "gedi"] as const) {
    const { objective, initial, open } = adapted(name);
    await using trainer = await open();
    await using plain = await openTinyTrainer(name);
    const parts = () => partsOf(tinyExamples(name, 6), 6);
    assert.deepEqual(await trainer.evaluate(parts()), await plain.evaluate(parts()), name);
    for (let step = 0; step < 3; step++) {
      await trainer.step(parts(), 1e-2);
    }
    for (const [parameter, values] of await trainer.parameters()) {
      const isTrained = objective.adapters.has(parameter) ||
        !tinyBackbone.shapes.has(parameter);
      const changed = largestDifference(values, initial.get(parameter)!) > 0;
      assert.equal(changed, isTrained, `${name} ${parameter}`);
    }
  }
});

Deno.test("adapters beside the weights give the loss of W + scale·B A, and optimizer state is for what trains", async () => {
  for (const rslora of [false, true]) {
    const { objective, initial, open } = adapted("arm", { rslora });
    const random = new Random(4, "adapters");
    for (const [name, shape] of objective.adapters) {
      initial.set(
        name,
        Float32Array.from({ length: shape[0] * shape[1] }, () => 0.2 * random.normal()),
      );
    }
    await using trainer = await open();
    const merged = randomParameters(tinySpecs.arm, 1);
    for (const { name } of tinyBackbone.matrices) {
      const { down, up } = loraNames(name);
      const [inner, outer] = tinyBackbone.shapes.get(name)!;
      const [a, b, w] = [initial.get(down)!, initial.get(up)!, merged.get(name)!];
      for (let i = 0; i < inner; i++) {
        for (let o = 0; o < outer; o++) {
          for (let r = 0; r < lora.rank; r++) {
            w[i * outer + o] += loraScale({ ...lora, rslora }) * b[o * lora.rank + r] *
              a[r * inner + i];
          }
        }
      }
    }
    await using whole = await Trainer.open(tinyObjectives.arm, merged, cpu, { threads: 1 });
    const parts = () => partsOf(tinyExamples("arm", 6), 6);
    const [has, wants] = [await trainer.evaluate(parts()), await whole.evaluate(parts())];
    assert.ok(Math.abs(has.loss - wants.loss) < 1e-5 * wants.loss, `${has.loss} ${wants.loss}`);
    const kept = [...(await trainer.snapshot()).keys()];
    assert.equal(
      kept.some((name) => /^h\.\d\..*(c_attn|c_proj|c_fc|ln_\d)\.(weight|bias)$/.test(name)),
      false,
    );
    assert.equal(kept.length, 3 * (objective.adapters.size + 2));
  }
});

Deno.test("targets choose linear layers, and one that there is not is an error that lists them", () => {
  const { objective } = adapted("arm", { targetModules: ["c_attn", "mlp.c_proj"] });
  assert.deepEqual([...objective.adapters].slice(0, 2), [
    ["h.0.attn.c_attn.lora_A.weight", [3, 16]],
    ["h.0.attn.c_attn.lora_B.weight", [48, 3]],
  ]);
  assert.equal(objective.adapters.size, 2 * 2 * 2);
  assert.throws(() => adapted("arm", { targetModules: ["q_proj"] }), {
    name: "RangeError",
    message:
      "LoRA cannot adapt 'q_proj', as GPT-2 has no linear layer of that name: choose among c_attn, c_proj, c_fc",
  });
});
