import { visible } from "./visible.ts";

/** `visible` text in one line: line breaks show as ↵. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\r\n|[\n\u2028\u2029]/g, "↵"));
}
