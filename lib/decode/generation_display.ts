import type { Tokenizer } from "../data/tokenizer.ts";
import type { MediaBundle } from "../notebook/display.ts";
import { type Html, html } from "../notebook/html.ts";
import { visible } from "../notebook/visible.ts";
import { visibleLine } from "../notebook/visible_line.ts";
import type { GeneratedTexts, TextGeneration } from "./text_generation.ts";
import { TextWriter } from "./text_writer.ts";
import type { CandidateTrace, TokenTrace } from "./token_trace.ts";

/** What a notebook shows of a generation: the first prompts, and the first continuations of each. */
export const shown = { prompts: 8, continuations: 3 };

const styles = {
  all: "max-width:60em;line-height:1.8;overflow-wrap:anywhere",
  legend: "font-size:85%;opacity:0.85",
  scale: "display:inline-block;width:6em;height:0.8em;border:1px solid rgba(128,128,128,0.5);" +
    `background:linear-gradient(to right,${shade(0)},${shade(1)})`,
  prompt: "margin-top:0.8em;font-weight:600;line-height:1.4;white-space:pre-wrap",
  continuation: "margin:0.2em 0 0.2em 0.5em;padding:0 0.6em;white-space:pre-wrap;" +
    "border-inline-start:3px solid rgba(128,128,128,0.4)",
  unsteered: "font-size:70%;opacity:0.75",
  note: "opacity:0.7",
};

/** Stands for the token that ended a text. */
const endMark = "∎";

/**
 * A generation as a notebook shows it: continuations under their prompts, each token shaded by its reward, with the
 * unsteered choice beside it where that is another. All of it is text; nothing in it is taken as markup.
 *
 * @param ends the tokens that end a text.
 */
export function generationDisplay(
  generation: TextGeneration,
  tokenizer: Tokenizer,
  ends: readonly number[],
): MediaBundle {
  const { texts, ids, promptIds, traces, finished } = generation;
  const some = texts.slice(0, shown.prompts);
  const more = [
    ...remainder(texts.length - some.length, "prompt"),
    ...(finished ? [] : ["Stopped before all texts were written."]),
  ];
  const isSteered = traces?.some((samples) => samples.some(hasRewards)) ?? false;
  const blocks = some.map(({ prompt, continuations }, i) => [
    html`<div dir="auto" style="${styles.prompt}">${visibleLine(prompt)}</div>`,
    ...continuations.slice(0, shown.continuations).map((text, sample) => {
      const trace = traces?.[i]?.[sample] ?? [];
      const pieces = hasRewards(trace) &&
        piecesOf(trace, ids[i][sample].length, text, new TextWriter(tokenizer, promptIds[i]));
      const content = pieces ? pieces.map((piece) => pieceHtml(piece, ends)) : visibleLine(text);
      return html`<div dir="auto" style="${styles.continuation}">${content}</div>`;
    }),
    ...notes(remainder(continuations.length - shown.continuations, "continuation")),
  ]);
  const parts = [...(isSteered ? [legend()] : []), ...blocks.flat(), ...notes(more)];
  return {
    "text/plain": [...some.map((text) => plainText(text, shown.continuations)), ...more].join("\n"),
    "text/html": html`<div style="${styles.all}">${parts}</div>`.markup,
  };
}

/**
 * A prompt and its continuations for a terminal, control characters made visible.
 *
 * @param limit how many continuations are shown. Default: all.
 */
export function plainText({ prompt, continuations }: GeneratedTexts, limit = Infinity): string {
  const lines = continuations.slice(0, limit).map((text) =>
    `  … ${visible(text).replaceAll("\n", "\n    ").trim()}`
  );
  const more = remainder(continuations.length - limit, "continuation").map((text) => `  ${text}`);
  return [visible(prompt), ...lines, ...more, ""].join("\n");
}

/** Says how many more there are; nothing where there are none. */
function remainder(count: number, what: string): string[] {
  return count > 0 ? [`… and ${count} more ${what}${count === 1 ? "" : "s"}`] : [];
}

function notes(lines: readonly string[]): Html[] {
  return lines.map((line) => html`<div style="${styles.note}">${line}</div>`);
}

/** Text on it is readable, black or white. */
function shade(reward: number): string {
  return `rgba(0,114,178,${(0.55 * reward).toFixed(2)})`;
}

function legend(): Html {
  const scale = html`<span style="${styles.scale}"></span>`;
  const example = withUnsteered("token", "unsteered");
  const meaning = `what the same draw takes there without steering, where it is another`;
  const text = html`reward 0 ${scale} 1 · ${example}: ${meaning} · ${endMark} end of the text`;
  return html`<div style="${styles.legend}">${text}</div>`;
}

/** Ruby would be the element for it, but JupyterLab takes it out of outputs that were not made in its session. */
function withUnsteered(token: Html | string, unsteered: string): Html {
  // isolated, or its direction would be the text's
  const annotation = html`<bdi>‹${unsteered}›</bdi>`;
  return html`${token}<sup style="${styles.unsteered}">${annotation}</sup>`;
}

const hasRewards = (traces: readonly TokenTrace[]): boolean =>
  traces.some(({ taken }) => taken.reward !== undefined);

/** Tokens that are whole characters together; most often one. */
interface Piece {
  readonly text: string;
  readonly traces: readonly TokenTrace[];
}

/**
 * @param length tokens of the text; a trace after them is of the token that ended it.
 * @param shown the text as far as it is shown: what a stop string cut off is not.
 */
function piecesOf(
  traces: readonly TokenTrace[],
  length: number,
  shown: string,
  writer: TextWriter,
): Piece[] {
  const pieces: Piece[] = [];
  let left = shown.length;
  const push = (text: string, traces: readonly TokenTrace[]) => {
    pieces.push({ text: left === 0 && text !== "" ? endMark : text.slice(0, left), traces });
    left = Math.max(0, left - text.length);
  };
  let open: TokenTrace[] = [];
  for (const trace of traces.slice(0, length)) {
    open.push(trace);
    const text = writer.add(trace.taken.id);
    if (text === "") continue;
    push(text, open);
    open = [];
  }
  if (open.length > 0) push(writer.rest(), open);
  return [...pieces, ...traces.slice(length).map((end) => ({ text: endMark, traces: [end] }))];
}

function pieceHtml({ text, traces }: Piece, ends: readonly number[]): Html {
  const word = text.trimStart() || text;
  const blank = visibleLine(text.slice(0, text.length - word.length));
  const reward = traces.reduce((sum, { taken }) => sum + taken.reward!, 0) / traces.length;
  const style = `background-color:${shade(reward)};border-radius:0.2em`;
  const title = traces.map(hover).join("\n");
  const token = html`<span title="${title}" style="${style}">${visibleLine(word)}</span>`;
  if (traces.every(({ taken, unsteered }) => taken.id === unsteered.id)) {
    return html`${blank}${token}`;
  }
  const unsteered = traces
    .map(({ unsteered: { id, text } }) => ends.includes(id) ? endMark : text).join("");
  return html`${blank}${withUnsteered(token, cut(visibleLine(unsteered).trim() || "␣", 24))}`;
}

/** What is said of a token when it is pointed at. */
function hover({ taken, unsteered }: TokenTrace): string {
  return [taken, ...(unsteered.id === taken.id ? [] : [unsteered])]
    .map((candidate, i) => `${i === 0 ? "" : "unsteered: "}${numbersOf(candidate)}`)
    .join("\n");
}

function numbersOf({ text, reward, before, after }: CandidateTrace): string {
  return `“${cut(visibleLine(text), 40)}” reward ${rounded(reward ?? 0)}, ` +
    `probability ${rounded(before)} → ${rounded(after)} by steering`;
}

function rounded(value: number): string {
  return value >= 0.001 || value === 0 ? value.toFixed(3) : value.toExponential(0);
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : text;
}
