import { displayedAs } from "../../notebook/display.ts";
import { tableLook } from "../../notebook/table_look.ts";
import type { Corpus } from "./corpus.ts";

/** Corpora that show themselves in notebooks: the list as a table, and each by itself with its parts. */
export function shownCorpora(corpora: readonly Corpus[]): readonly Corpus[] {
  const shown = corpora.map((corpus) => displayedAs(corpus, () => corpusLook(corpus)));
  return displayedAs(shown, () =>
    tableLook({
      title: "Data sets by name",
      columns: [
        { name: "name" },
        { name: "what it is" },
        { name: "kind" },
        { name: "labels" },
        { name: "rows", isNumber: true },
      ],
      rows: corpora.map(({ name, what, kind, labels, splits }) => [
        name,
        what,
        kind,
        labels.join(", "),
        count(Object.values(splits).reduce((sum, { rows }) => sum + rows, 0)),
      ]),
    }));
}

function corpusLook({ name, what, use, source, kind, labels, splits }: Corpus) {
  return tableLook({
    title: name,
    facts: [
      ["what it is", what],
      ["in the paper", use],
      ["published", source],
      ["kind", kind],
      ["labels", labels.join(", ")],
    ],
    columns: [{ name: "part" }, { name: "rows", isNumber: true }, { name: "files" }],
    rows: Object.entries(splits).map(([part, { rows, files }]) => [
      part,
      count(rows),
      files.join(", or "),
    ]),
  });
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
