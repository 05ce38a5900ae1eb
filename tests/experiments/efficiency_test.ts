import { gpt2Backbone } from "../../lib/models/gpt2.ts";
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { type EfficiencyMeasurement, measureEfficiency } from "../../lib/experiments/efficiency.ts";
import type { EfficiencyOptions } from "../../lib/experiments/efficiency_options.ts";
import {
  type EfficiencyScale,
  efficiencyScales,
  efficiencySystems,
} from "../../lib/experiments/efficiency_scales.ts";
import { cpu } from "../run_graph.ts";

const sizes = { vocabulary: 61, context: 24, heads: 2 };
const tiny: EfficiencyScale = {
  shapes: {
    base: gpt2Backbone({ ...sizes, width: 16, layers: 2 }),
    reward: gpt2Backbone({ ...sizes, width: 8, layers: 1 }),
  },
  rounds: efficiencyScales.small.rounds,
};
const short: EfficiencyOptions = {
  scale: tiny,
  topK: [1, 3, "vocabulary"],
  samples: 3,
  promptTokens: 4,
  maxNewTokens: 3,
  rounds: 2,
};

/** Runs `test`, after which this process's temporary folders of weights must be gone. */
async function leavingNothing(test: () => Promise<void>): Promise<void> {
  await test();
  const left = Array.from(Deno.readDirSync(tmpdir()), ({ name }) => name);
  assert.deepEqual(left.filter((name) => name.startsWith(`armature-${Deno.pid}-`)), []);
}

Deno.test("every system is measured at every k, with its backbone calls as counted", async () => {
  await leavingNothing(async () => {
    const rows: EfficiencyMeasurement[] = [];
    for await (const row of measureEfficiency(cpu, short)) rows.push(row);
    const calls = rows.map(({ system, k, backbone_calls }) => [system, k, backbone_calls]);
    /** A count that depends on what is drawn, if it is at most this. */
    const tried = (system: string, most: number) => {
      const { backbone_calls } = rows.find((row) => row.system === system)!;
      return backbone_calls > 0 && backbone_calls <= most ? backbone_calls : most;
    };
    assert.deepEqual(calls, [
      ["arm", 1, 1],
      ["arm", 3, 1],
      ["arm", "vocabulary", 1],
      ["rad", 1, 1],
      ["rad", 3, 3],
      ["rad-onepass", 1, 1],
      ["rad-onepass", 3, 3],
      ["gedi", 1, 2],
      ["gedi", 3, 2],
      ["dexperts", 1, 2],
      ["dexperts", 3, 2],
      ["fudge", 1, 1],
      ["fudge", 3, 3],
      ["rectification", 3, 1],
      ["pplm", 3, 8],
      ["genarm", 3, 1],
      ["farma", 3, 1],
      ["args", 3, 3],
      ["cd", 3, 3],
      ["arithmetic", 3, 1],
      // what has been read already is not read again
      ["caif", 3, tried("caif", 3)],
      ["cooperative", 3, tried("cooperative", 6)],
      // 7 more texts, and 8 of 3 tokens that are rated
      ["best-of-n", 3, 9.67],
      ["cards", 3, tried("cards", 50)],
      ["unguided", null, 0],
    ]);
    assert.deepEqual(new Set(rows.map(({ system }) => system)), new Set(efficiencySystems));
    for (const row of rows) {
      assert.ok(row.ms_per_token > 0 && row.over_unguided > 0 && row.tokens_per_second > 0);
      assert.ok(row.min_ms <= row.ms_per_token && row.ms_per_token <= row.max_ms);
      assert.ok(row.unguided_min_ms <= row.unguided_ms && row.unguided_ms <= row.unguided_max_ms);
      assert.ok(row.over_unguided_min <= row.over_unguided);
      assert.ok(row.over_unguided <= row.over_unguided_max);
      // each of the 24 measurements of what steers is of two pairs
      assert.equal(row.rounds, row.system === "unguided" ? 48 : 2);
      assert.equal(row.device, "cpu");
      assert.deepEqual(row.shapes, {
        base: { width: 16, layers: 2, heads: 2, vocabulary: 61 },
        reward: { width: 8, layers: 1, heads: 2, vocabulary: 61 },
        batch: 3,
        prompt_tokens: 4,
        new_tokens: 3,
      });
    }
  });
});

Deno.test("only what is asked for is measured", async () => {
  const measured = async (options: Partial<EfficiencyOptions>) => {
    const rows: string[] = [];
    for await (const { system, k, rounds } of measureEfficiency(cpu, { ...short, ...options })) {
      rows.push(`${system} ${k} ${rounds}`);
    }
    return rows;
  };
  assert.deepEqual(await measured({ systems: ["gedi"], topK: [2, 2], rounds: 1 }), ["gedi 2 1"]);
  assert.deepEqual(await measured({ systems: ["unguided"] }), ["unguided null 2"]);
  assert.deepEqual(await measured({ systems: ["rad"], topK: ["vocabulary"] }), []);
});

Deno.test("measuring that is stopped ends with the reason, and leaves no weights", async () => {
  await leavingNothing(async () => {
    const controller = new AbortController();
    const signal = controller.signal;
    const measure = async () => {
      for await (const _ of measureEfficiency(cpu, { ...short, signal })) {
        controller.abort(new Error("enough"));
      }
    };
    await assert.rejects(measure, /enough/);
  });
});

Deno.test("what cannot be measured is refused before anything is written", async () => {
  await leavingNothing(async () => {
    const cases: [Partial<EfficiencyOptions>, RegExp][] = [
      [
        { rounds: 0 },
        /RangeError: measureEfficiency: 'rounds' must be a whole number from 1 up, not 0/,
      ],
      [
        { maxNewTokens: 1.5 },
        /RangeError: .*'maxNewTokens' must be a whole number from 1 up, not 1.5/,
      ],
      [{ topK: [62] }, /RangeError: Cannot measure the top 62 of 61 tokens/],
      [{ maxNewTokens: 20 }, /RangeError: .*20 new tokens after a prompt of 4: .*room for 19/],
    ];
    for (const [options, reason] of cases) {
      await assert.rejects(measureEfficiency(cpu, { ...short, ...options }).next(), reason);
    }
    const wide = gpt2Backbone({ ...sizes, width: 2 ** 17, layers: 100 });
    const huge: EfficiencyScale = { ...tiny, shapes: { ...tiny.shapes, base: wide } };
    await assert.rejects(
      measureEfficiency(cpu, { ...short, scale: huge }).next(),
      /RangeError: The random weights take [\d,]+ GB and '.*' has room for .*: name a larger disk's folder in TMPDIR/,
    );
  });
});
