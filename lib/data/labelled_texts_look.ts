import { displayedAs, type MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";

/** What is shown of labelled texts. */
interface Shown {
  readonly texts: readonly string[];
  readonly labels: Float32Array;
  readonly labelNames: readonly string[];
  readonly skipped: number;
}

/** So many texts are shown. */
const SHOWN = 5;
/** So many signs of a text are shown. */
const LONGEST = 160;

/** Labelled texts that show themselves as a table in notebooks. */
export function shownLabelledTexts<Texts extends Shown>(data: Texts): Texts {
  return displayedAs(data, () => labelledTextsLook(data));
}

function labelledTextsLook({ texts, labels, labelNames, skipped }: Shown): MediaBundle {
  const count = (value: number) => value.toLocaleString("en-US");
  const valueAt = (row: number, label: number) => labels[row * labelNames.length + label];
  const facts = labelNames.map((name, label): [string, string] => {
    let [sum, known] = [0, 0];
    for (let row = 0; row < texts.length; row++) {
      const value = valueAt(row, label);
      if (Number.isNaN(value)) continue;
      sum += value;
      known++;
    }
    return [`mean of ${name}`, known === 0 ? "no text has one" : (sum / known).toFixed(3)];
  });
  const rows = texts.slice(0, SHOWN).map((text, row) => [
    text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text,
    ...labelNames.map((_, label) => {
      const value = valueAt(row, label);
      return Number.isNaN(value) ? "–" : String(Number(value.toFixed(4)));
    }),
  ]);
  return tableLook({
    title: "Labelled texts",
    facts: [
      ["texts", count(texts.length)],
      ...facts,
      ...(skipped > 0 ? [["left out", `${count(skipped)} without a text or label`] as const] : []),
    ],
    columns: [{ name: "text" }, ...labelNames.map((name) => ({ name, isNumber: true }))],
    rows,
    ...(texts.length > SHOWN && {
      total: [`… ${count(texts.length - SHOWN)} more`, ...labelNames.map(() => "")],
    }),
  });
}
