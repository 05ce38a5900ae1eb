import type { DataFrame } from "nodejs-polars";
import { isFrame } from "../notebook/frame_look.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { shownPreferencePairs } from "./preference_pairs_look.ts";
import { frameTable, pathsKind, readTable, textAt } from "./table.ts";

/** Answers to prompts, two of each, one of which is preferred. */
export interface PreferencePairs {
  /** What both answers continue, one a pair; empty texts where there are no prompts. */
  readonly prompts: readonly string[];
  /** The answers that are preferred. */
  readonly chosen: readonly string[];
  /** The others. */
  readonly rejected: readonly string[];
  /** What the chosen answers have more of, as the one label of a model that learns from them. */
  readonly labelNames: readonly [string];
  /** How many rows were left out because an answer was missing. */
  readonly skipped: number;
}

/** What `readPreferencePairs` takes. */
export const preferencePairsOptions = {
  promptColumn: {
    type: "text",
    defaultHelp: '"prompt" if there is such a column, else no prompts',
    placeholder: "name",
    help: "column of what both answers continue",
  },
  chosenColumn: {
    type: "text",
    default: "chosen",
    placeholder: "name",
    help: "column of the answer that is preferred",
  },
  rejectedColumn: {
    type: "text",
    default: "rejected",
    placeholder: "name",
    help: "column of the other answer",
  },
  preference: {
    type: "text",
    default: "preferred",
    placeholder: "name",
    help: "name of the label that says what chosen answers have more of",
  },
  missing: {
    type: "choice",
    of: ["error", "skip"],
    default: "error",
    placeholder: "what",
    help: "what to do with a row whose answer is missing (null, empty)",
  },
} as const satisfies OptionTable;
export type PreferencePairsOptions = OptionsOf<typeof preferencePairsOptions>;

/**
 * Reads preference pairs, `{prompt, chosen, rejected}`, from tables, one after the other. The prompt may be missing; an answer
 * may not. Answers are texts as they follow the prompt, with the blank between them if there is one.
 *
 * @param source paths of files (`.jsonl`, `.parquet`, `.csv`, `.tsv`), or a Polars frame.
 * @throws Error if a file, a column or an answer is missing; SyntaxError if a file cannot be parsed; TypeError if a prompt or an
 *   answer is no text, or an option is unknown. The message names file and line.
 */
export async function readPreferencePairs(
  source: string | readonly string[] | DataFrame,
  options: PreferencePairsOptions = {},
): Promise<PreferencePairs> {
  const { promptColumn, chosenColumn, rejectedColumn, preference, missing } = settle(
    "readPreferencePairs",
    preferencePairsOptions,
    options,
  );
  const promptName = promptColumn ?? "prompt";
  const answerNames = [chosenColumn, rejectedColumn];
  const sources = isFrame(source) ? [source] : pathsOf(source);
  const prompts: string[] = [];
  const answers: [string[], string[]] = [[], []];
  let skipped = 0;
  for (const each of sources) {
    const table = typeof each === "string"
      ? await readTable(each, { columns: [promptName, ...answerNames] })
      : await frameTable(each);
    const ofPrompt = promptColumn !== undefined || table.has(promptName)
      ? table.column(promptName)
      : [];
    const ofAnswers = answerNames.map((name) => table.column(name));
    for (let row = 0; row < table.length; row++) {
      const pair = answerNames.map((name, i) => textAt(table, name, ofAnswers[i], row));
      const absent = pair.findIndex((answer) => answer === undefined || answer.trim() === "");
      if (absent < 0) {
        prompts.push(textAt(table, promptName, ofPrompt, row) ?? "");
        pair.forEach((answer, i) => answers[i].push(answer!));
      } else if (missing === "skip") {
        skipped++;
      } else {
        throw new Error(
          `Cannot read '${table.path}': ${table.place(row)} has no ${
            ["chosen", "rejected"][absent]
          } text in column '${answerNames[absent]}', so fill it in or choose to ` +
            "skip rows with missing values",
        );
      }
    }
  }
  if (prompts.length === 0) {
    const named = sources.map((each) => typeof each === "string" ? `'${each}'` : "the frame");
    throw new Error(
      `Cannot read ${named.join(", ")}: an answer is missing in every row, ` +
        "so check the names of the columns",
    );
  }
  const [chosen, rejected] = answers;
  return shownPreferencePairs({ prompts, chosen, rejected, labelNames: [preference], skipped });
}

function pathsOf(source: unknown): readonly string[] {
  const paths = typeof source === "string" ? [source] : source;
  checkArgument("readPreferencePairs", "source", pathsKind, paths);
  return paths;
}
