import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pl from "nodejs-polars";
import { readJsonLines } from "../../../lib/files/json_lines.ts";
import { ParquetFile } from "../../../lib/files/parquet/parquet_file.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

/** Files that pyarrow 26 wrote of the rows in `rows.jsonl`, or of the first of them; in `odd` some that no writer would write. */
const here = fileURLToPath(new URL(".", import.meta.url));

/** Values as JSON has them: dates as texts, and numbers that are larger than JavaScript's. */
function asJson(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asJson(each)]));
}

async function rowsOf(path: string, names?: readonly string[]): Promise<unknown[][]> {
  const file = await ParquetFile.open(path);
  const rows: unknown[][] = [];
  for await (const row of file.rows(names ?? file.columns)) rows.push(row);
  assert.equal(rows.length, file.height);
  return rows;
}

for (
  const [name, what] of Object.entries({
    plain: "values as they are, in gzip",
    dictionary: "values by their dictionary, in Brotli",
    delta: "values as differences, in pages of the second version",
    snappy: "values by their dictionary, in Snappy and pages of the second version",
    small: "a few values, not compressed",
  })
) {
  Deno.test(`what pyarrow writes is read value by value: ${what}`, async () => {
    const expected: Record<string, unknown>[] = [];
    for await (const { row } of readJsonLines(join(here, "rows.jsonl"))) expected.push(row);
    const path = join(here, `${name}.parquet`);
    const { columns } = await ParquetFile.open(path);
    assert.ok(columns.includes("s.in.n") && columns.includes("msgs"));
    for (const [i, row] of (await rowsOf(path)).entries()) {
      for (const [j, column] of columns.entries()) {
        const value = column.split(".").reduce<unknown>(
          (at, part) => (at as Record<string, unknown> | null)?.[part],
          expected[i],
        );
        assert.deepEqual(asJson(row[j]), value ?? null, `${column} of row ${i + 1}`);
      }
    }
  });
}

Deno.test("what Polars writes is read with each of its codecs", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    const texts = Array.from({ length: 3000 }, (_, i) => i % 7 ? `text ${i % 100}` : null);
    for (const compression of ["uncompressed", "snappy", "gzip", "brotli", "zstd"] as const) {
      pl.DataFrame({ text: texts, n: texts.map((_, i) => i / 2) }).writeParquet(path, {
        compression,
      });
      assert.deepEqual(await rowsOf(path), texts.map((text, i) => [text, i / 2]), compression);
    }
  });
});

Deno.test("only the columns that are asked for are read, in their order", async () => {
  const [row] = await rowsOf(join(here, "small.parquet"), ["s.in.n", "text"]);
  assert.deepEqual(row, [64, "word 8 é🎬 tail tail tail tail"]);
});

async function refuses(path: string, message: RegExp) {
  await assert.rejects(rowsOf(path), (error) => {
    assert.ok(error instanceof SyntaxError);
    assert.ok(error.message.startsWith(`Cannot read '${path}': `), error.message);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("a codec that is not read is named, with those that are", async () => {
  await refuses(
    join(here, "lz4.parquet"),
    /it is compressed with LZ4_RAW, so write it with Zstandard, Snappy or gzip$/,
  );
});

Deno.test("a text that is not UTF-8 is refused, not mended", async () => {
  const bytes = await Deno.readFile(join(here, "small.parquet"));
  const at = new TextDecoder("latin1").decode(bytes).indexOf("word 8");
  bytes[at] = 0xff;
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    await Deno.writeFile(path, bytes);
    await refuses(
      path,
      /it is not valid Parquet \(a text of column 'text' is not UTF-8\), so fetch or write it/,
    );
  });
});

Deno.test("rows without end in a small file are refused before they are read", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    pl.DataFrame({ n: new Array(1_500_000).fill(7) }).writeParquet(path, { compression: "zstd" });
    await assert.rejects(ParquetFile.open(path), /it has 1500000 rows in \d+ bytes/);
  });
});

for (
  const [name, what] of Object.entries({
    "dictionary-of-zeros": "67 million empty texts in 8 KB",
    "thirty-structs": "a million values in thirty structs",
    "twenty-leaves": "twenty million values in a struct",
    "long-values": "a million values of 4 KB that are not there",
    "growing-texts": "texts that go on those before them",
    "dictionaries": "one dictionary behind the other",
  })
) {
  Deno.test(`a small file does not unfold without end: ${what}`, async () => {
    await refuses(
      join(here, "odd", `${name}.parquet`),
      /it unfolds to far more than its size|a column has two dictionaries/,
    );
  });
}

Deno.test("a list that begins on one page and ends on another is one", async () => {
  const [[lists]] = await rowsOf(join(here, "odd", "split-list.parquet"));
  assert.deepEqual(asJson(lists), [{ v: [1, 2, 3] }, { v: [4] }]);
});

Deno.test("types that only the newer part of the format names are known", async () => {
  assert.deepEqual(await rowsOf(join(here, "odd", "logical-decimal.parquet")), [[123.45]]);
  assert.deepEqual(await rowsOf(join(here, "odd", "logical-list.parquet")), [[[1, 2]]]);
});

Deno.test("indices of 26 bits, and a root that is repeated, are read", async () => {
  const indices = await rowsOf(join(here, "odd", "wide-indices.parquet"));
  assert.deepEqual(indices.slice(0, 8).flat(), [10, 11, 12, 13, 13, 12, 11, 10]);
  assert.deepEqual(await rowsOf(join(here, "odd", "repeated-root.parquet")), [[5], [6]]);
});

Deno.test("dots in a name do not lead into it", async () => {
  const [row] = await rowsOf(join(here, "odd", "dots.parquet"), ["x.y", "s.p.q"]);
  assert.deepEqual(row.map(asJson), [[1, 2], [1]]);
});

Deno.test("bytes that are no text are not called a broken file", async () => {
  await refuses(
    join(here, "odd", "bytes.parquet"),
    /column 'bin' holds neither texts nor numbers \(BYTE_ARRAY\), so name another column/,
  );
});

Deno.test("a file that is shortened while it is read ends in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    await Deno.copyFile(join(here, "plain.parquet"), path);
    const file = await ParquetFile.open(path);
    await Deno.truncate(path, 1000);
    await assert.rejects(async () => {
      for await (const _ of file.rows(file.columns));
    }, /Cannot read '.*a.parquet': it was shortened while it was read, so read it again$/);
  });
});

Deno.test("every file that is cut off is refused", async () => {
  const bytes = await Deno.readFile(join(here, "small.parquet"));
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.parquet");
    for (let length = 0; length < bytes.length; length += 97) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      await refuses(path, /it is not valid Parquet/);
    }
  });
});
