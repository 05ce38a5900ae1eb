import { visibleLine } from "../notebook/visible_line.ts";

/** Markdown that shows exactly this text, in one line. */
export function markdownText(text: string): string {
  return visibleLine(text).replace(/[\\`*_[\]<>|&~$]/g, "\\$&");
}

/** Markdown that shows exactly this text, in one line, as code. */
export function markdownCode(text: string): string {
  const line = visibleLine(text);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  // Markdown takes one blank from either end where both have one
  const blank = /^`|`$|^ .* $/.test(line) ? " " : "";
  return `${fence}${blank}${line}${blank}${fence}`;
}
