import { visible } from "./visible.ts";

/** Markup that is safe to show: whatever was put into it as text shows as text. */
export class Html {
  readonly markup: string;

  /** Only `html` makes these, and constants. */
  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

type Part = Html | string | number | readonly Part[];

/**
 * Markup from a template: strings and numbers in it are text, and escaped; `Html` is markup; lists are joined.
 *
 * @example
 * ```ts
 * html`<p title="${"\"quoted\""}">${"<b>"}</p>`.markup // <p title="&quot;quoted&quot;">&lt;b&gt;</p>
 * ```
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings.reduce((markup, string, i) => markup + markupOf(parts[i - 1]) + string),
  );
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === "object") return part.map(markupOf).join("");
  return escaped(visible(String(part)));
}

const references: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => references[sign]);
}
