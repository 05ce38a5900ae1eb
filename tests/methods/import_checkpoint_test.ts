import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkpointNames } from "../../lib/methods/checkpoint_names.ts";
import { importCheckpoint } from "../../lib/methods/import_checkpoint.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { integers } from "../../lib/runtime/value.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { openStateDict } from "../../lib/weights/pytorch/state_dict.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { torchFile, type TorchTensor } from "../torch_file.ts";

const files = fileURLToPath(new URL("../weights/pytorch/files", import.meta.url));
const labels = ["kind", "rude"];
const expected = JSON.parse(Deno.readTextFileSync(join(files, "expected.json")));
const text: number[] = expected.text;

/** That numbers are equal up to how PyTorch rounds. */
function close(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
  assert.ok(worst < 2e-6, `off by ${worst}`);
}

Deno.test("RAD's teacher, as its class saves it in PyTorch, rates a text as there", async () => {
  await withTemporaryFolder(async (out) => {
    const checkpoint = join(files, "rad.bin");
    const imported = { checkpoint, config: files, kind: "rad", labels, out } as const;
    await importCheckpoint(imported);
    await assert.rejects(importCheckpoint(imported), {
      message: /is there already, and finished: use --overwrite \(overwrite: true\)/,
    });
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual([model.kind, model.labels], ["rad", labels]);
    using reading = await model.start([text.slice(0, -1)]);
    const { data } = await reading.rate(integers([1, 1], text.slice(-1)));
    close([...data as Float32Array], expected.rad);
  });
});

Deno.test("an ARM, as its class saves it in PyTorch, rates all tokens after a text as there", async () => {
  await withTemporaryFolder(async (out) => {
    const checkpoint = join(files, "arm.bin");
    await importCheckpoint({ checkpoint, config: files, kind: "arm", labels, out });
    await using model = await openRewardModel(out, cpu);
    assert.deepEqual([model.kind, model.labels], ["arm", labels]);
    using reading = await model.start([text]);
    close([...(await reading.rate()).data as Float32Array], expected.arm.flat());
  });
});

/** All tensors of a file, to be written under other names. */
async function tensorsOf(file: string): Promise<Record<string, TorchTensor>> {
  const { tensors } = await openStateDict(join(files, file));
  const opened = await openStateDict(join(files, file));
  return Object.fromEntries(
    await Promise.all(
      [...tensors].map(async ([name, { shape }]) =>
        [name, { data: await opened.readFloat32(name), shape }] as const
      ),
    ),
  );
}

const renamed = (tensors: Record<string, TorchTensor>, change: (name: string) => string) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [change(name), tensor]));

Deno.test("the names of distillation, of older versions and of a head without baseline are known", async () => {
  const [rad, arm] = [await tensorsOf("rad.bin"), await tensorsOf("arm.bin")];
  const both = {
    ...renamed(rad, (name) => `teacher_model.${name}`),
    ...renamed(arm, (name) => `student_model.${name}`),
  };
  const older = renamed(arm, (name) => name.replace(/^head\.lm_proj/, "model.lm_proj"));
  const { "head.prefix_baseline.weight": _, ...without } = arm;
  await withTemporaryFolder(async (folder) => {
    const checkpoint = join(folder, "a.bin");
    const imported = async (tensors: Record<string, TorchTensor>, kind: "rad" | "arm") => {
      await Deno.writeFile(checkpoint, torchFile(tensors));
      const out = join(folder, "out");
      await importCheckpoint({ checkpoint, config: files, kind, labels, out, overwrite: true });
      const weights = await openSafetensors(join(out, "model.safetensors"));
      const { armature } = JSON.parse(await Deno.readTextFile(join(out, "config.json")));
      return { bytes: await Deno.readFile(weights.path), names: weights.tensors, armature };
    };
    const plain = [await imported(rad, "rad"), await imported(arm, "arm")];
    assert.deepEqual(await imported(both, "rad"), plain[0]);
    assert.deepEqual(await imported(both, "arm"), plain[1]);
    assert.deepEqual(await imported(older, "arm"), plain[1]);
    assert.equal(plain[1].armature.baseline, true);
    const ablation = await imported(without, "arm");
    assert.equal(ablation.armature.baseline, false);
    assert.ok(!ablation.names.has("head.prefix_baseline.weight"));
  });
});

Deno.test("what is no such model is refused by name", async () => {
  const arm = await tensorsOf("arm.bin");
  await withTemporaryFolder(async (folder) => {
    const checkpoint = join(folder, "a.bin");
    const refuse = async (
      tensors: Record<string, TorchTensor>,
      kind: "rad" | "arm",
      reason: RegExp,
      named = labels,
    ) => {
      await Deno.writeFile(checkpoint, torchFile(tensors));
      const out = join(folder, "out");
      await assert.rejects(
        importCheckpoint({ checkpoint, config: files, kind, labels: named, out }),
        ({ message }: Error) => {
          assert.match(message, reason);
          return /^'[^\n]+\.$/.test(message);
        },
      );
      await assert.rejects(Deno.stat(out));
    };
    await refuse({ a: { data: new Float32Array(1) } }, "arm", /it has no GPT-2 backbone \(wte\.w/);
    await refuse(arm, "rad", /it has no lm_head\.bias, as rad has; choose another file or kind/);
    await refuse(
      await tensorsOf("rad.bin"),
      "arm",
      /it has no head\.lm_projection\.weight, as arm/,
    );
    const mlp = { ...arm, "head.w1.weight": arm["head.lm_projection.weight"] };
    await refuse(mlp, "arm", /its head has two layers, which are not supported/);
    const untied = {
      ...arm,
      "model.lm_head.weight": { data: new Float32Array(104), shape: [13, 8] },
    };
    await refuse(
      untied,
      "arm",
      /output embedding model\.lm_head\.weight is not its input embedding/,
    );
    await refuse(
      arm,
      "arm",
      /lm_projection\.weight has shape \[16,8\], but 3 labels ask for \[24,8\]/,
      ["a", "b", "c"],
    );
    const { "model.transformer.ln_f.bias": _, ...lacking } = arm;
    await refuse(
      lacking,
      "arm",
      /has no tensor model\.transformer\.ln_f\.bias, which the model needs/,
    );
    const short = {
      ...arm,
      "model.transformer.wpe.weight": { data: new Float32Array(8), shape: [1, 8] },
    };
    await refuse(
      short,
      "arm",
      /wpe\.weight has shape \[1,8\], but .*config\.json asks for \[8,8\]/,
    );
    const twice = { ...arm, "other.wte.weight": arm["model.transformer.wte.weight"] };
    await refuse(twice, "arm", /several backbones \(model\.transformer\.wte\.weight, other\.wte/);
  });
});

Deno.test("our own names, and those of a module around all, are found", () => {
  const named = (names: string[], kind: "rad" | "arm") => {
    const found = checkpointNames(new Set(names), kind);
    return [found.backbone("ln_f.bias"), ...found.head.values()];
  };
  assert.deepEqual(named(["wte.weight", "lm_head.weight", "lm_head.bias"], "rad"), [
    "ln_f.bias",
    "lm_head.weight",
    "lm_head.bias",
  ]);
  const module = ["transformer.wte.weight", "lm_head.weight", "lm_head.bias"];
  assert.deepEqual(named(module.map((name) => `module.model.${name}`), "rad"), [
    "module.model.transformer.ln_f.bias",
    "module.model.lm_head.weight",
    "module.model.lm_head.bias",
  ]);
});
