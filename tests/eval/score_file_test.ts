import assert from "node:assert/strict";
import { join } from "node:path";
import {
  readGenerations,
  readScores,
  requireOneScorer,
  type Scores,
  scoresOf,
  textsToScore,
  writeScores,
} from "../../lib/eval/score_file.ts";
import { scoreTable } from "../../lib/eval/score_table.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const generations = [
  { prompt: "The film", continuations: [" was good", ""] },
  { prompt: "It", continuations: [" was bad"] },
];
const judge = { name: "judge", version: "1", labels: ["kind", "calm"] };
const scores = scoresOf(generations, judge, "whole", [0.9, 0.1, NaN, NaN, 0.2, 0.4]);

Deno.test("texts are read as continuations or whole, and scores go to their labels", () => {
  assert.deepEqual(textsToScore(generations, "whole"), [
    "The film was good",
    "The film",
    "It was bad",
  ]);
  assert.deepEqual(textsToScore(generations, "continuation"), [" was good", "", " was bad"]);
  assert.deepEqual(scores.rows[0].scores, {
    kind: Float64Array.of(0.9, NaN),
    calm: Float64Array.of(0.1, NaN),
  });
});

Deno.test("written scores come back with their scorer", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "scores.jsonl");
    await writeScores(path, scores);
    assert.deepEqual(await readScores(path), scores);
    assert.deepEqual(await readGenerations(path), generations);
    const [line] = (await Deno.readTextFile(path)).split("\n");
    assert.deepEqual(JSON.parse(line).scores, { kind: [0.9, null], calm: [0.1, null] });
  });
});

Deno.test("scores of different scorers do not share a file or a table", async () => {
  const others: Scores[] = [
    { ...scores, scorer: { ...judge, name: "other" } },
    { ...scores, scorer: { ...judge, version: "2" } },
    { ...scores, reads: "continuation" },
  ];
  for (const other of others) {
    assert.throws(
      () => scoreTable([{ what: "a", scores }, { what: "b", scores: other }]),
      /^Error: Scores of different scorers do not share a table: a has those of judge 1 \(kind, calm\) on the whole text, b those of /,
    );
    await withTemporaryFolder(async (folder) => {
      const paths = ["a", "b"].map((name) => join(folder, name));
      await writeScores(paths[0], scores);
      await writeScores(paths[1], other);
      const both = join(folder, "both");
      await Deno.writeTextFile(
        both,
        (await Promise.all(paths.map((path) => Deno.readTextFile(path)))).join(""),
      );
      await assert.rejects(
        readScores(both),
        /do not share a table: the first line has those of judge 1/,
      );
    });
  }
  requireOneScorer([{ what: "a", ...scores }, { what: "b", ...scores }]);
});

Deno.test("a table has the paper's metrics of every label, with intervals", () => {
  const rows = scoreTable([{ what: "ARM, β = 10", scores }], { seed: 1 });
  assert.deepEqual(
    rows.map((
      { what, label, prompts, continuations, withoutScore },
    ) => [what, label, prompts, continuations, withoutScore]),
    [["ARM, β = 10", "kind", 2, 3, 1], ["ARM, β = 10", "calm", 2, 3, 1]],
  );
  const [kind] = rows;
  assert.deepEqual(
    [kind.averageMaximum.estimate, kind.anyAtLeastHalf.estimate, kind.shareAboveHalf.estimate],
    [0.55, 0.5, 0.5],
  );
  assert.ok(kind.averageMaximum.low <= 0.55 && 0.55 <= kind.averageMaximum.high);
});

Deno.test("lines that are something else are refused with their number", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.jsonl");
    const good = { prompt: "a", continuations: ["b"], scorer: "s", version: "1", reads: "whole" };
    const cases: [unknown, RegExp][] = [
      [{ prompt: "a" }, /line 2 must have scorer, version, reads and scores/],
      [
        { ...good, scores: {}, continuations: [] },
        /line 2 must have a prompt and a list of continuations/,
      ],
      [
        { ...good, scores: { x: [1, 2] } },
        /line 2 must have a score from 0 to 1 \(or null\) a continuation for 'x'/,
      ],
      [{ ...good, scores: { x: [2] } }, /a score from 0 to 1/],
      [{ ...good, reads: "all", scores: { x: [1] } }, /scorer, version, reads/],
    ];
    for (const [row, message] of cases) {
      const labels = (row as { scores?: object }).scores ?? {};
      const first = {
        ...good,
        scores: Object.fromEntries(Object.keys(labels).map((name) => [name, [1]])),
      };
      await Deno.writeTextFile(path, `${JSON.stringify(first)}\n${JSON.stringify(row)}\n`);
      await assert.rejects(readScores(path), message);
    }
    await Deno.writeTextFile(path, "");
    await assert.rejects(readScores(path), /it has no rows/);
    await assert.rejects(readGenerations(path), /it has no rows/);
    await Deno.writeTextFile(path, '{"prompt":"a","continuations":"b"}\n');
    await assert.rejects(
      readGenerations(path),
      /line 1 must have a prompt and a list of continuations/,
    );
  });
});
