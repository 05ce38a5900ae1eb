import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";

/** What is shown of pairs. */
interface Shown {
  readonly prompts: readonly string[];
  readonly chosen: readonly string[];
  readonly rejected: readonly string[];
  readonly labelNames: readonly [string];
  readonly skipped: number;
}

/** So many pairs are shown. */
const shown = 5;
/** So many signs of a text are shown. */
const longest = 160;

/** Preference pairs that show themselves as a table in notebooks. */
export function shownPreferencePairs<Pairs extends Shown>(pairs: Pairs): Pairs {
  const { prompts, chosen, rejected, labelNames: [label], skipped } = pairs;
  const cut = (text: string) => text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
  return displayedAs(pairs, () =>
    tableLook({
      title: "Preference pairs",
      facts: [
        ["pairs", prompts.length.toLocaleString("en-US")],
        ["what chosen texts have more of", label],
        ...(skipped > 0 ? [["left out", `${skipped} without an answer`] as const] : []),
      ],
      columns: [{ name: "prompt" }, { name: "chosen" }, { name: "rejected" }],
      rows: prompts.slice(0, shown).map((prompt, i) => [prompt, chosen[i], rejected[i]].map(cut)),
    }));
}
