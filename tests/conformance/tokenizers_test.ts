import assert from "node:assert/strict";
import { join } from "node:path";
import { compareGolden, type Row } from "../../conformance/mod.ts";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { goldenBackbones } from "../shared_data.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function rowsOf(folder: string): Promise<Row[]> {
  const rows: Row[] = [];
  await compareGolden(folder, { device: cpu, onRow: (row) => rows.push(row) });
  return rows;
}

/** Writes a folder with one tokenizer, and what it makes of a text, as golden numbers. */
async function writeGolden(parent: string, changes: Record<string, unknown>): Promise<string> {
  const folder = join(parent, "tokenizers", "small");
  await Deno.mkdir(folder, { recursive: true });
  await writeTokenizer(folder, trainByteLevelBpe(["the film was é"], { vocabSize: 270 }));
  const { encode, decode, decodeWithSpecial, vocabSize } = await loadTokenizer(folder);
  const text = "the é<|endoftext|>";
  const ids = encode(text);
  const given = {
    text,
    ids,
    ids_without_special: ids,
    decoded: decode(ids),
    decoded_with_special: text,
    decoded_prefixes: ids.map((_, i) => decodeWithSpecial!(ids.slice(0, i + 1))),
    ...changes,
  };
  const golden = { vocabulary: vocabSize, cases: [given, { ...given, decoded_prefixes: null }] };
  await Deno.writeTextFile(join(folder, "cases.json"), JSON.stringify(golden));
  return parent;
}

Deno.test("each thing that a tokenizer does is one check over all texts, which says what differs first", async () => {
  await withTemporaryFolder(async (folder) => {
    const rows = await rowsOf(await writeGolden(folder, {}));
    assert.deepEqual(
      rows.map(({ quantity, status }) => [quantity.split("/").at(-1), status]),
      [
        "vocabulary",
        "ids",
        "ids_without_special",
        "decoded",
        "decoded_with_special",
        "decoded_prefixes",
        "streamed",
      ].map((name) => [name, "passed"]),
    );
    const failedBy = async (changes: Record<string, unknown>) =>
      (await rowsOf(await writeGolden(folder, changes)))
        .filter(({ status }) => status === "failed")
        .map(({ quantity, problem }) => `${quantity.split("/").at(-1)}: ${problem}`);
    assert.deepEqual(await failedBy({ ids: [1, 2] }), [
      `ids: of "the é<|endoftext|>" ${
        JSON.stringify(
          (await loadTokenizer(join(folder, "tokenizers", "small"))).encode("the é<|endoftext|>"),
        )
      } was computed, and [1,2] expected`,
      `decoded_with_special: of "the é<|endoftext|>" "\\"#" was computed, and "the é<|endoftext|>" expected`,
    ]);
    const both = await failedBy({ decoded: "the e" });
    assert.deepEqual(both.map((line) => line.split(":")[0]), ["decoded", "streamed"]);
  });
});

Deno.test({
  name: `the golden tokenizers are reproduced${
    goldenBackbones ? "" : " (skipped: no ../shared/golden-backbones)"
  }`,
  ignore: !goldenBackbones,
  async fn() {
    await withTemporaryFolder(async (folder) => {
      await Deno.symlink(join(goldenBackbones!, "tokenizers"), join(folder, "tokenizers"));
      const rows = await rowsOf(folder);
      assert.ok(rows.length >= 21);
      assert.deepEqual(rows.filter(({ status }) => status !== "passed"), []);
    });
  },
});
