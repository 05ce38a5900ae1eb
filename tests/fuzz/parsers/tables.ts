import { join } from "node:path";
import type { Random } from "../../../lib/random.ts";
import { openRows } from "../../../lib/data/row_stream.ts";
import { hostileTexts } from "../../hostile_texts.ts";
import { inFiles } from "../in_files.ts";
import { joined } from "../joined.ts";
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

/** Changes either what describes the values, which stands at the end, or the values, with nothing moved that they are found by. */
function mutateParquet(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, length } = bytes;
  const tail = length - 8;
  const from = length < 8 ? -1 : tail - new DataView(buffer, byteOffset).getUint32(tail, true);
  if (from < 0) return mutateBytes(random, bytes);
  const [values, footer] = [bytes.slice(0, from), bytes.slice(from, tail)];
  if (random.integer(2)) {
    const changed = mutateBytes(random, footer);
    const size = new Uint8Array(Uint32Array.of(changed.length).buffer);
    return joined(values, changed, size, bytes.subarray(length - 4));
  }
  for (let tries = 0; tries < 20; tries++) {
    const changed = mutateBytes(random, values);
    if (changed.length === from) return joined(changed, bytes.subarray(from));
  }
  return mutateBytes(random, bytes);
}

/** Files of all types of columns, encodings and versions of pages. */
export const parquet: Parser = {
  title: "a table in Parquet",
  cases: 1e5,
  words: ["PAR1"],
  mutate: mutateParquet,
  seeds: () =>
    Promise.all(
      [
        ...["small", "delta", "plain", "dictionary", "snappy"],
        ...["odd/split-list", "odd/logical-list", "odd/dots"],
      ].map(async (name) => ({
        "a.parquet": await Deno.readFile(
          new URL(`../../files/parquet/${name}.parquet`, import.meta.url),
        ),
      })),
    ),
  open: openTable("a.parquet"),
};
