import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { delay } from "../../lib/delay.ts";
import { Random } from "../../lib/random.ts";
import { openSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { runTask } from "./run_task.ts";
import { writeTinyModels, writeTinyTexts } from "./tiny_inputs.ts";

const train = fileURLToPath(new URL("../../lib/cli/train.ts", import.meta.url));

Deno.test("killed between checkpoints of an epoch, after steps or a time, train ends with --resume as it does unbroken", async () => {
  await withTemporaryFolder(async (folder) => {
    const { labelled } = await writeTinyTexts(folder);
    const { base } = await writeTinyModels(folder);
    const [unbroken, broken] = [join(folder, "unbroken"), join(folder, "broken")];
    // 20 steps an epoch, of which each draws tokens for the regularizer
    const given = [
      "reward",
      "--kind",
      "arm",
      "--base",
      base,
      "--data",
      labelled,
      "--label",
      "rude",
    ];
    given.push("--batch-size", "10", "--epochs", "6", "--device", "cpu", "--rate", "1e-3");
    await runTask("train", ...given, "--out", unbroken);

    const random = new Random(Date.now(), "moments");
    const goOn = [...given, "--out", broken, "--resume", "--checkpoint-every"];
    let last = 0;
    for (const every of ["7", "0.03s"]) {
      const { pid, status } = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", train, ...goOn, every],
        stdout: "null",
        stderr: "null",
      }).spawn();
      const checkpoint = join(broken, "checkpoint.safetensors");
      const steps = async () => Number((await openSafetensors(checkpoint)).metadata.steps);
      while (await steps().catch(() => 0) <= last) await delay(5);
      await delay(random.integer(30));
      Deno.kill(pid, "SIGKILL");
      await status;
      last = await steps();
      assert.ok(last < 120 && (every !== "7" || last % 7 === 0), `${last}`);
    }
    await runTask("train", ...goOn, "50");
    for (const file of ["model.safetensors", "optimizer.safetensors"]) {
      const [one, other] = [unbroken, broken].map((out) => Deno.readFileSync(join(out, file)));
      assert.deepEqual(other, one);
    }
    const metrics = await Deno.readTextFile(join(broken, "metrics.jsonl"));
    assert.equal(metrics.trim().split("\n").length, 120);
  });
});
