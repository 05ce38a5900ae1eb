import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { corpora } from "../../lib/data/corpora/mod.ts";
import {
  readDExpertsTable1,
  readDExpertsTable3,
  readPaperSettings,
  readPaperTable1,
  readPaperTable2,
  readPaperTable3,
} from "../../lib/data/paper_numbers.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The paper as text, beside the checkout, or nothing. */
const paper = await Deno.readTextFile(here("../shared/paper/arm.txt")).catch(() => undefined);

Deno.test("table 1 says how often each system calls its backbone", async () => {
  const calls = (await readPaperTable1()).map((
    { system, backboneCalls },
  ) => [system, backboneCalls]);
  assert.deepEqual(calls, [["gedi", 1], ["dexperts", 2], ["rad", "k"], ["arm", 1]]);
});

Deno.test("tables 2 and 3 have a row for each of three systems, k and β", async () => {
  const { k, betas } = await readPaperSettings();
  const tables = [
    [await readPaperTable2(), betas.detoxification],
    [await readPaperTable3(), betas.sentiment],
  ] as const;
  for (const [table, expected] of tables) {
    const rows = table.map(({ system, k, beta }) => `${system} ${k} ${beta}`);
    const wanted = ["arm-distilled", "arm-labels", "rad"].flatMap((system) =>
      k.flatMap((k) => expected.map((beta) => `${system} ${k} ${beta}`))
    );
    assert.deepEqual(rows, wanted);
  }
});

Deno.test("in tables 2 and 3 a larger β means more control and less fluency", async () => {
  const toxicity = await readPaperTable2();
  for (let i = 1; i < toxicity.length; i++) {
    const [before, row] = [toxicity[i - 1], toxicity[i]];
    if (row.beta < before.beta) continue;
    assert.ok(row.averageMaximalToxicity < before.averageMaximalToxicity);
    assert.ok(row.toxicRate <= before.toxicRate);
    assert.ok(row.perplexity > before.perplexity);
  }
  const sentiment = await readPaperTable3();
  for (let i = 1; i < sentiment.length; i++) {
    const [before, row] = [sentiment[i - 1], sentiment[i]];
    if (row.beta < before.beta) continue;
    assert.ok(row.positiveRateNegativePromptsPercent > before.positiveRateNegativePromptsPercent);
    assert.ok(row.positiveRateNeutralPromptsPercent > before.positiveRateNeutralPromptsPercent);
    assert.ok(row.perplexity > before.perplexity);
  }
});

Deno.test({
  name: "every row of tables 2 and 3 stands in the paper's text" +
    (paper === undefined ? " (skipped: no ../shared/paper)" : ""),
  ignore: paper === undefined,
  async fn() {
    for (const table of ["table2.csv", "table3.csv"]) {
      const lines = (await Deno.readTextFile(here(`data/paper/${table}`))).trim().split("\n");
      for (const line of lines.slice(1)) {
        const numbers = line.split(",").slice(2).join("\t");
        assert.equal(paper!.split(`\t${numbers}\n`).length, 2, numbers);
      }
    }
  },
});

Deno.test("other systems have a row each, the base model first, which none of them leaves as it is", async () => {
  const [base, ...toxicity] = await readDExpertsTable1();
  assert.deepEqual(toxicity.map(({ system }) => system), ["PPLM", "DAPT", "GeDi", "DExperts"]);
  for (const { averageMaximalToxicity, toxicRate, perplexity } of toxicity) {
    assert.ok(averageMaximalToxicity < base.averageMaximalToxicity);
    assert.ok(toxicRate < base.toxicRate && perplexity > base.perplexity);
  }
  const [unsteered, ...sentiment] = await readDExpertsTable3();
  assert.deepEqual(
    sentiment.map(({ system }) => system),
    ["PPLM", "CTRL", "DAPT", "GeDi", "DExperts"],
  );
  for (const row of sentiment) {
    assert.ok(
      row.positiveRateNegativePromptsPercent > unsteered.positiveRateNegativePromptsPercent,
    );
    assert.ok(row.positiveRateNeutralPromptsPercent > unsteered.positiveRateNeutralPromptsPercent);
    assert.ok(row.perplexity > unsteered.perplexity);
  }
});

Deno.test("the settings name corpora that are known, and the seven labels of Jigsaw", async () => {
  const { training, labels } = await readPaperSettings();
  const names = corpora.map(({ name }) => name);
  for (const { corpus } of Object.values(training).flat()) {
    assert.ok(names.includes(corpus), corpus);
  }
  assert.deepEqual(labels, corpora[0].labels);
});

Deno.test("a table with other columns, or a number out of range, is refused with its line", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "table2.csv");
    const good = await Deno.readTextFile(here("data/paper/table2.csv"));
    await Deno.writeTextFile(path, good.replace("toxic_rate", "rate"));
    await assert.rejects(
      readPaperTable2(path),
      /its columns are system, k, beta, .*, but should be /,
    );
    await Deno.writeTextFile(path, good.replace("0.139", "13.9"));
    await assert.rejects(readPaperTable2(path), {
      message:
        `Cannot read '${path}': line 2 has '13.9' in column toxic_rate, which must be a number from 0 to 1, ` +
        "so restore that file",
    });
    await Deno.writeTextFile(path, good.replace("rad,", "dar,"));
    await assert.rejects(readPaperTable2(path), /line 30 has 'dar' in column system/);
    const settings = join(folder, "settings.json");
    await Deno.writeTextFile(settings, "{}");
    await assert.rejects(readPaperSettings(settings), /decoding.k must be a list of numbers/);
  });
});
