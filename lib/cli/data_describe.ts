import { basename } from "node:path";
import { corpusFiles } from "../data/corpora/corpus_files.ts";
import { corpora, corpusNamed } from "../data/corpora/mod.ts";
import { streamCorpus } from "../data/corpora/read_corpus.ts";
import {
  type DescribedRow,
  describeTexts,
  type LengthUnit,
  wordLength,
} from "../data/describe_texts.ts";
import { openRows } from "../data/row_stream.ts";
import { tableRows, textColumns } from "../data/table_rows.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import { Progress } from "../progress.ts";
import { labelledTextsOptions } from "../data/labelled_texts.ts";
import type { OptionTable } from "../options/option.ts";
import { command } from "./command.ts";
import { dataFolder } from "../data/data_folder.ts";
import { descriptionTable } from "./description_table.ts";
import { addFlags, givenOptions } from "./option_flags.ts";

/** `data describe`. */
export const dataDescribe = command(
  "describe",
  "Count the texts of a data set, their lengths and labels.",
);

/** Which columns of a table are described. */
const columnOptions = {
  textColumn: {
    ...labelledTextsOptions.textColumn,
    defaultHelp: '"text", "sentence", "content" …',
  },
  labels: {
    type: "list",
    of: { type: "text" },
    flag: "label",
    placeholder: "name",
    defaultHelp: '"label", if there is one',
    help: "columns of labels",
  },
} as const satisfies OptionTable;

const described = dataDescribe
  .usage("<file or name...> [options]")
  .argument("<file or name...>", "tables (.csv, .tsv, .jsonl, .parquet), or a corpus by name")
  .optionsGroup("A corpus by name:")
  .option("--split <name>", "which part of it (default: the first)")
  .option("--data <dir>", "folder of data sets (default: ARMATURE_DATA, or ../shared/data)")
  .optionsGroup("Files:")
  .option("--corpus <name>", "they are files of this corpus (default: read as any table)")
  .optionsGroup("Output:")
  .option("--tokenizer <dir>", "count the tokens of this tokenizer (default: words)")
  .option("--json", "as JSON")
  .addHelpText("after", "\nThe names of corpora are those of `deno task data list`.");

dataDescribe.optionsGroup("Columns of files:");
addFlags(dataDescribe, columnOptions);

described.action(async (names, options, self) => {
  const { split, data, corpus: corpusName, tokenizer: folder, json } = options;
  const columns = givenOptions(dataDescribe, columnOptions);
  const { textColumn: text, labels } = columns;
  const named = names.length === 1 && corpora.some(({ name }) => name === names[0]);
  for (
    const [option, given] of Object.entries({
      corpus: corpusName,
      "text-column": text,
      label: labels,
    })
  ) {
    if (named && given !== undefined) {
      self.error(
        `error: option '--${option}' goes with files, and '${names[0]}' is a corpus by name`,
      );
    }
  }
  for (const [option, given] of Object.entries({ split, data })) {
    if (!named && given !== undefined) {
      self.error(`error: option '--${option}' goes with a corpus by name, not with files`);
    }
  }
  if (corpusName !== undefined && (text !== undefined || labels !== undefined)) {
    self.error("error: options '--text-column' and '--label' cannot be used with --corpus");
  }
  const corpus = named || corpusName !== undefined
    ? corpusNamed(corpusName ?? names[0])
    : undefined;
  const files = named ? await corpusFiles(corpus!, dataFolder(data), split) : names;
  const unit = await lengthUnit(folder);

  const streams = await Promise.all(files.map(openRows));
  const megabyte = 2 ** 20;
  const total = streams.reduce((sum, { size }) => sum + size, 0) / megabyte;
  const progress = new Progress({ label: "Reading", total, unit: "MB" });
  const onBytes = (bytes: number) => progress.update(bytes / megabyte);
  let labelNames: readonly string[];
  let rows: AsyncIterable<DescribedRow>;
  if (corpus) {
    labelNames = corpus.labels;
    rows = streamCorpus(corpus, files, { onBytes });
  } else {
    const found = textColumns(streams[0], { text, labels });
    labelNames = found.labels;
    rows = async function* () {
      let before = 0;
      for (const stream of streams) {
        const own = textColumns(stream, found);
        yield* tableRows(stream, own, (bytes) => onBytes(before + bytes));
        before += stream.size;
      }
    }();
  }
  const description = await describeTexts(rows, labelNames, unit);
  progress.done();

  const splitName = named ? split ?? Object.keys(corpus!.splits)[0] : undefined;
  const published = splitName === undefined ? undefined : corpus!.splits[splitName].rows;
  if (json) {
    const about = {
      corpus: corpus?.name,
      split: splitName,
      files: files.map((file) => basename(file)),
      publishedRows: published,
    };
    console.log(JSON.stringify({ ...about, ...description }, null, 2));
    return;
  }
  const title = [corpus?.name, splitName].filter((part) => part !== undefined).join(", ");
  const shown = files.map((file) => visibleLine(basename(file)));
  console.log(`${title ? `${title}: ` : ""}${shown.join(", ")}`);
  console.log(descriptionTable(description, published));
});

async function lengthUnit(folder: string | undefined): Promise<LengthUnit> {
  if (folder === undefined) return wordLength;
  const tokenizer = await loadTokenizer(folder);
  return { unit: "tokens", length: (text) => tokenizer.encode(text).length };
}
