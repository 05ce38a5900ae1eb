import { join } from "node:path";
import type { Random } from "../../../lib/random.ts";
import { polars } from "../../../lib/data/polars.ts";
import { openRows } from "../../../lib/data/row_stream.ts";
import { hostileTexts } from "../../hostile_texts.ts";
import { inFiles } from "../in_files.ts";
import { mutateBytes } from "../mutate.ts";
import { mutateJson } from "../mutate_json.ts";
import type { Parser, Read } from "../parser.ts";

const bytesIn = (text: string) => new TextEncoder().encode(text);

/** Reads all columns of all rows. */
function openTable(name: string): (folder: string) => Read {
  return (folder) =>
    inFiles(folder, async () => {
      const table = await openRows(join(folder, name));
      let rows = 0;
      for await (const { values } of table.rows(table.columns)) {
        if (values.length !== table.columns.length) throw new Error(`row ${rows} is not whole`);
        rows++;
      }
    });
}

const texts = ["a", 'with "quotes", and more', "two\nlines", "é🎬", ...Object.values(hostileTexts)]
  .map((text) => text.toWellFormed());

export const csv: Parser = {
  title: "a table in CSV",
  cases: 1e5,
  words: [",", '"', '""', "\n", "\r\n", "\r", "\0", "\ufeff", '\\"', "label"],
  seeds: () =>
    [
      "text,label\na,1\nb,0\n",
      `text,label\r\n${texts.map((text) => `"${text.replaceAll('"', '""')}",1\r\n`).join("")}`,
      "\ufefftext\n\nb\n",
    ].map((text) => ({ "a.csv": bytesIn(text) })),
  open: openTable("a.csv"),
};

export const tsv: Parser = {
  title: "a table of cells between tabs",
  cases: 1e5,
  words: ["\t", '"', '""', "\n", "\r\n", "\0", "\ufeff", "label"],
  seeds: () =>
    [
      "sentence\tlabel\na\t1\nb\t0\n",
      '"text"\t"label"\n"a ""b"""\t"1"\n',
      'text\tid\n"""a"" b"\t1\r\nb\t\n',
    ].map((text) => ({ "a.tsv": bytesIn(text) })),
  open: openTable("a.tsv"),
};

/** One line changed as JSON. */
function mutateLine(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const at = random.integer(lines.length);
  lines[at] = new TextDecoder().decode(mutateJson(random, bytesIn(lines[at])));
  return bytesIn(lines.join("\n"));
}

export const jsonl: Parser = {
  title: "JSON Lines",
  cases: 1e5,
  words: ["{", "}", "[", "]", ":", ",", '"', "\n", "NaN", "-Infinity", "1e999", "\\ud800", "null"],
  mutate: mutateLine,
  seeds: () =>
    [
      texts.map((text, i) => `${JSON.stringify({ text, label: i })}\n`).join(""),
      '{"prompt":{"text":"a","toxicity":0.5},"continuation":{"text":"b"}}\n\n{"prompt":{"text":"b"}}',
      '{"a":NaN,"b":[1,{"c":null}]}\r\n{}\n',
    ].map((text) => ({ "a.jsonl": bytesIn(text) })),
  open: openTable("a.jsonl"),
};

/** Small files of several types of columns, with and without compression. */
export const parquet: Parser = {
  title: "a table in Parquet",
  cases: 1e5,
  words: ["PAR1"],
  // most of a file is pages of values; what describes them stands at the end
  mutate: (random, bytes) => {
    const from = random.integer(3) ? Math.max(0, bytes.length - 400) : 0;
    const changed = mutateBytes(random, bytes.slice(from));
    const all = new Uint8Array(from + changed.length);
    all.set(bytes.subarray(0, from));
    all.set(changed, from);
    return all;
  },
  seeds: async () => {
    const pl = await polars();
    const frame = pl.DataFrame({
      text: ["a", "b", "é🎬"],
      label: [1, 0, 0.5],
      id: [1n, 2n, 3n],
      ok: [true, false, true],
    });
    const nested = pl.DataFrame({ prompt: [{ text: "a", toxicity: 0.5 }], tokens: [[1, 2]] });
    const folder = await Deno.makeTempDir();
    try {
      const seeds = [];
      for (const [i, each] of [frame, nested].entries()) {
        for (const compression of ["uncompressed", "snappy"] as const) {
          const path = join(folder, `${i}${compression}.parquet`);
          each.writeParquet(path, { compression });
          seeds.push({ "a.parquet": await Deno.readFile(path) });
        }
      }
      return seeds;
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
  open: openTable("a.parquet"),
  permissions: ["--allow-ffi", "--allow-sys"],
};
