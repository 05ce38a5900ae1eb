import assert from "node:assert/strict";
import { join } from "node:path";
import type { EfficiencyMeasurement } from "../../lib/experiments/efficiency.ts";
import type { EfficiencySystem, RatedTokens } from "../../lib/experiments/efficiency_scales.ts";
import {
  readMeasurements,
  writeEfficiencyReport,
} from "../../lib/experiments/efficiency_report.ts";
import { assertValidSpec, textsOf, withFont } from "../charts/chart_checks.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

function measurement(
  system: EfficiencySystem,
  k: RatedTokens | null,
  ms_per_token: number,
  backbone_calls: number,
): EfficiencyMeasurement {
  return {
    system,
    k,
    ms_per_token,
    backbone_calls,
    device: "cpu",
    shapes: {
      base: { width: 1280, layers: 36, heads: 20, vocabulary: 50257 },
      reward: { width: 768, layers: 12, heads: 12, vocabulary: 50257 },
      batch: 25,
      prompt_tokens: 10,
      new_tokens: 20,
    },
    rounds: 3,
    min_ms: 0.9 * ms_per_token,
    max_ms: 1.2 * ms_per_token,
    unguided_ms: 500,
    unguided_min_ms: 480,
    unguided_max_ms: 510,
    over_unguided: ms_per_token / 500,
    over_unguided_min: 0.95 * ms_per_token / 500,
    over_unguided_max: 1.1 * ms_per_token / 500,
    tokens_per_second: 25_000 / ms_per_token,
  };
}

const measurements = [
  measurement("arm", 1, 550, 1),
  measurement("arm", 20, 550, 1),
  measurement("arm", "vocabulary", 560, 1),
  measurement("rad", 1, 540, 1),
  measurement("rad", 20, 1250, 20),
  measurement("gedi", 1, 600, 2),
  measurement("gedi", 20, 600, 2),
  measurement("cd", 20, 1100, 20),
  measurement("unguided", null, 500, 0),
];

Deno.test({
  ...withFont(
    "measurements become figure 6 and table 1, with the paper's counts marked as published",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const out = join(folder, "new", "folder");
      const { figure, methods, table } = await writeEfficiencyReport(measurements, out);
      assertValidSpec(JSON.parse(await Deno.readTextFile(figure.spec)));
      const texts = textsOf(await Deno.readTextFile(figure.svg));
      for (const text of ["ARM", "RAD", "GeDi", "unguided", "all 50,257"]) {
        assert.ok(texts.includes(text), `${text} is not in ${texts}`);
      }
      assert.ok(texts.join(" ").includes("GPT-2-Large's shape"));
      assert.ok(!texts.includes("CD"), "what is measured at one k has no line");
      assertValidSpec(JSON.parse(await Deno.readTextFile(methods!.spec)));
      const rows = textsOf(await Deno.readTextFile(methods!.svg))
        .filter((text) => ["CD", "ARM", "RAD", "GeDi"].includes(text));
      assert.deepEqual(rows, ["ARM", "GeDi", "CD", "RAD"], "the cheapest at k = 20 is above");
      assert.equal((await Deno.readFile(figure.png))[1], "P".charCodeAt(0));
      const csv = (await Deno.readTextFile(figure.csv)).trim().split("\n");
      assert.equal(csv.length, 1 + measurements.length);
      assert.ok(csv.includes(
        "arm,vocabulary,560,504,672,3,500,1.12,1.064,1.232,44.642857142857146,1,cpu",
      ));
      assert.deepEqual((await Deno.readTextFile(table.csv)).split("\n").slice(0, 6), [
        "system,k,counted,published",
        "arm,1,1,1",
        "arm,20,1,1",
        "arm,vocabulary,1,1",
        "rad,1,1,k",
        "rad,20,20,k",
      ]);
      const markdown = await Deno.readTextFile(table.markdown);
      assert.match(markdown, /\| system \| backbone calls a step, counted \| published \|/);
      assert.match(
        markdown,
        /\| ARM \| 1 \| 1 \| .* \| 1\.10 × \[1\.04, 1\.21\] \| .* \| 1\.12 × \[1\.06, 1\.23\] \|/,
      );
      assert.match(
        markdown,
        /\| RAD \| k \(1, 20\) \| k \| .* \| 1\.08 × .* \| 2\.50 × .* \| – \|/,
      );
      assert.match(markdown, /\| GeDi \| 2 \| 1 \| 2 C \+ 2 \\\|V\\\| d \|/);
      const names = Array.from(Deno.readDirSync(out), ({ name }) => name);
      assert.equal(names.length, 9, `${names}`);
    });
  },
});

Deno.test("measurements that do not go into one figure are refused", async () => {
  await withTemporaryFolder(async (out) => {
    await assert.rejects(writeEfficiencyReport([], out), /RangeError: .*no system that steers/);
    const other = { ...measurement("rad", 1, 500, 1), device: "webgpu" } as const;
    await assert.rejects(
      writeEfficiencyReport([...measurements, other], out),
      /RangeError: .*different shapes or devices/,
    );
    assert.deepEqual([...Deno.readDirSync(out)], []);
  });
});

Deno.test("measurements are read back from the benchmark's lines, and other lines are refused by number", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "measured.jsonl");
    const write = (rows: unknown[]) =>
      Deno.writeTextFile(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
    await write(measurements);
    assert.deepEqual(await readMeasurements(path), measurements);
    const [good] = measurements;
    const cases: [Record<string, unknown>, RegExp][] = [
      [{ system: "other" }, /its system is "other"/],
      [{ k: 0 }, /its k is 0/],
      [{ k: null }, /its k is null/],
      [{ ms_per_token: "1" }, /its ms_per_token is "1"/],
      [{ backbone_calls: null }, /its backbone_calls are null/],
      [{ device: 1 }, /its device is 1/],
      [{ shapes: { ...good.shapes, reward: {} } }, /its shapes are incomplete/],
    ];
    for (const [wrong, reason] of cases) {
      await write([good, { ...good, ...wrong }]);
      await assert.rejects(readMeasurements(path), (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, /line 2 is no measurement, as/);
        assert.match(error.message, reason);
        return true;
      });
    }
  });
});
