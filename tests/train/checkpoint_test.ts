import assert from "node:assert/strict";
import { join } from "node:path";
import {
  checkpointPath,
  hasCheckpoint,
  loadCheckpoint,
  removeCheckpoint,
  saveCheckpoint,
} from "../../lib/train/checkpoint.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";
import { writeTinyModel } from "../tiny_models.ts";
import { openTinyTrainer, partsOf, tinyExamples } from "./tiny_training.ts";

const run = JSON.stringify({ rate: 0.1, data: "abc" });

Deno.test("a checkpoint brings back parameters, moments and steps", async () => {
  await withTemporaryFolder(async (folder) => {
    await using first = await openTinyTrainer("rad");
    const parts = () => partsOf(tinyExamples("rad", 4), 4);
    assert.equal(await loadCheckpoint(folder, first, run), false);
    assert.equal(await hasCheckpoint(folder), false);
    await first.step(parts(), 1e-2);
    await first.step(parts(), 1e-2);
    await saveCheckpoint(folder, first, run);
    assert.equal(await hasCheckpoint(folder), true);

    await using second = await openTinyTrainer("rad");
    assert.equal(await loadCheckpoint(folder, second, run), true);
    assert.equal(second.steps, 2);
    assert.deepEqual(await second.snapshot(), await first.snapshot());
    await removeCheckpoint(folder);
    assert.equal(await hasCheckpoint(folder), false);
    await removeCheckpoint(folder);
  });
});

Deno.test("a checkpoint of other settings names those that differ", async () => {
  await withTemporaryFolder(async (folder) => {
    await using trainer = await openTinyTrainer("rad");
    await saveCheckpoint(folder, trainer, run);
    const path = checkpointPath(folder);
    const refused = (other: string, difference: string) =>
      assert.rejects(loadCheckpoint(folder, trainer, other), {
        name: "Error",
        message:
          `'${path}' is of a run with other settings (${difference}): resume with the same ` +
          "ones, replace it with --overwrite (overwrite: true), or use another folder.",
      });
    await refused(JSON.stringify({ rate: 0.2, data: "abc" }), "rate: 0.1 before, 0.2 now");
    await refused(
      JSON.stringify({ data: "abd", rate: 0.1, parts: 2 }),
      'data: "abc" before, "abd" now; parts: none before, 2 now',
    );
  });
});

Deno.test("a broken checkpoint, or a file that is none, is refused and left as it is", async () => {
  await withTemporaryFolder(async (folder) => {
    await using trainer = await openTinyTrainer("rad");
    const before = await trainer.snapshot();
    const path = checkpointPath(folder);
    const refused = async (
      bytes: Uint8Array,
      error: { name: string; message: RegExp | string },
    ) => {
      await Deno.writeFile(path, bytes);
      await assert.rejects(loadCheckpoint(folder, trainer, run), error);
      assert.deepEqual(await Deno.readFile(path), bytes);
      assert.deepEqual(await trainer.snapshot(), before);
      assert.equal(trainer.steps, 0);
    };
    await saveCheckpoint(folder, trainer, run);
    const whole = await Deno.readFile(path);
    const invalid = (problem: string) => ({
      name: "SyntaxError",
      message: new RegExp(
        `^'.*checkpoint.safetensors' is not a valid safetensors file: ${problem}`,
      ),
    });
    await refused(new Uint8Array(), invalid("it has 0 bytes"));
    await refused(new TextEncoder().encode("not a checkpoint"), invalid("its header claims"));
    await refused(whole.subarray(0, 200), invalid("its header claims"));
    await refused(whole.subarray(0, whole.length - 1), invalid("its tensors end at byte"));

    const model = join(await writeTinyModel(folder, "rad"), "model.safetensors");
    await refused(await Deno.readFile(model), {
      name: "Error",
      message: `'${path}' is not a checkpoint of a training run: use another folder.`,
    });
    await using arm = await openTinyTrainer("arm");
    await saveCheckpoint(folder, arm, run);
    await refused(await Deno.readFile(path), {
      name: "RangeError",
      message: "The snapshot has no lm_head.weight of shape [2,16]: it is of another model.",
    });
  });
});

Deno.test({
  name: "a full disk leaves the old checkpoint (needs the right to mount a tmpfs)",
  ignore: !tinyDiskAllowed,
  fn: async () => {
    await onTinyDisk(async (folder) => {
      const path = checkpointPath(folder);
      await Deno.writeTextFile(path, "old");
      await using trainer = await openTinyTrainer("rad");
      await assert.rejects(saveCheckpoint(folder, trainer, run), {
        name: "Error",
        message: `Cannot write '${path}': the disk is full, so free some space and try again (an ` +
          "existing file is unchanged)",
      });
      assert.equal(await Deno.readTextFile(path), "old");
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [
        "checkpoint.safetensors",
      ]);
    });
  },
});
