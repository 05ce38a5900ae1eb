import assert from "node:assert/strict";
import { join } from "node:path";
import { compareGolden, type Row } from "../../conformance/mod.ts";
import { runGolden } from "../../conformance/run_golden.ts";
import { openSafetensors, writeSafetensors } from "../../lib/weights/safetensors.ts";
import { goldenFolder } from "../shared_data.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const cpu = { name: "cpu" } as const;

function withGolden(name: string): { name: string; ignore: boolean } {
  return goldenFolder
    ? { name, ignore: false }
    : { name: `${name} (skipped: no ../shared/golden)`, ignore: true };
}

async function rowsOf(folder: string): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  await compareGolden(folder, { device: cpu, onRow: (row) => rows.set(row.quantity, row) });
  return rows;
}

/** The part of what JSON.parse gives that the tests change. */
interface Changeable {
  [key: string]: Changeable;
}

async function changeJson(path: string, change: (json: Changeable) => void): Promise<void> {
  const json = JSON.parse(await Deno.readTextFile(path));
  change(json);
  await Deno.writeTextFile(path, JSON.stringify(json));
}

async function changeTensor(path: string, name: string, change: (data: Float32Array) => void) {
  const file = await openSafetensors(path);
  const tensors = await Promise.all(
    [...file.tensors].map(async ([key, { dtype, shape }]) => {
      const data = await file.read(key);
      if (key === name) change(data as Float32Array);
      return [key, { dtype, shape, data }] as const;
    }),
  );
  await writeSafetensors(path, tensors);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(join(from, name), join(to, name));
    else await Deno.writeFile(join(to, name), await Deno.readFile(join(from, name)));
  }
}

Deno.test({
  ...withGolden("all golden numbers are reproduced"),
  async fn() {
    const rows = [...(await rowsOf(goldenFolder!)).values()];
    assert.deepEqual(rows.filter(({ status }) => status === "failed"), []);
    assert.deepEqual(rows.filter(({ status }) => status === "not yet"), []);
    for (const { quantity } of rows) assert.doesNotMatch(quantity, /undefined|NaN/);
    assert.ok(rows.length > 350);
  },
});

Deno.test({
  ...withGolden("numbers that are changed, missing or unreadable fail, and no others"),
  async fn() {
    await withTemporaryFolder(async (parent) => {
      const folder = join(parent, "golden");
      await copyFolder(goldenFolder!, folder);
      const path = (name: string) => join(folder, name);
      await changeTensor(path("forward.safetensors"), "full.logits", (data) => data[7] += 1e-3);
      await changeTensor(path("train.safetensors"), "step2.ln_f.bias", (data) => data[3] += 1e-3);
      await changeJson(path("losses.json"), (json) => {
        Object.assign(json.total, { full: Number(json.total.full) + 1e-3 });
        delete json.regularizer;
      });
      await changeJson(path("guided.json"), (json) => {
        const [token, ...others] = json.decode.cases[0].steps[2].token as unknown as number[];
        Object.assign(json.decode.cases[0].steps[2], { token: [token + 1, ...others] });
      });
      await Deno.remove(path("rad.safetensors"));
      await Deno.writeTextFile(path("metrics.json"), "{");

      const rows = [...(await rowsOf(folder)).values()];
      const failed = rows.filter(({ status }) => status === "failed");
      assert.deepEqual(failed.map(({ quantity }) => quantity), [
        "forward.full.logits",
        "losses.regularizer",
        "losses.total.full",
        "train.step2.ln_f.bias",
        "rad",
        "guided.decode.cases.0.token",
        "metrics.distinctness",
        "metrics.perplexity",
        "metrics.toxicity",
        "metrics.positive_rate",
      ]);
      assert.match(failed[1].problem!, /^There is no regularizer in '.*losses\.json': /);
      assert.match(failed[4].problem!, /rad\.safetensors': there is no such file/);
      assert.match(failed[6].problem!, /metrics\.json': it is not JSON/);
    });
  },
});

Deno.test("a folder without golden numbers fails in all that it lacks, as JSON lines too", async () => {
  await withTemporaryFolder(async (folder) => {
    const lines: string[] = [];
    const { passed, failed } = await runGolden(folder, {
      json: true,
      print: (line) => lines.push(line),
    });
    assert.equal(passed, 0);
    assert.ok(failed >= 7);
    assert.deepEqual(JSON.parse(lines.at(-1)!), { passed, failed });
    for (const line of lines.slice(0, -1)) {
      const { quantity, ok, status, problem } = JSON.parse(line);
      assert.ok(quantity);
      if (status === "not yet") assert.equal(ok, null);
      else assert.match(problem, /there is no such/);
    }
    await assert.rejects(
      runGolden(join(folder, "nowhere"), { print: () => {} }),
      /there is no such folder/,
    );
  });
});
