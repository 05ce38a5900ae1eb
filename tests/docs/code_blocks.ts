/** A fenced block of code in a Markdown text. */
export interface CodeBlock {
  /** The first word after the fence: `sh`, `ts`. */
  readonly language: string;
  /** What else stands there, which readers do not see: `no-run`, `webgpu`, or the name of a file. */
  readonly note: string;
  readonly code: string;
  /** The line of the fence, from 1. */
  readonly line: number;
}

/** The blocks of code in a Markdown text, in its order. */
export function codeBlocksIn(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  for (const match of markdown.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)) {
    const [, language, note, code] = match;
    const line = markdown.slice(0, match.index).split("\n").length;
    blocks.push({ language, note, code, line });
  }
  return blocks;
}

/** The programs in a text: blocks of TypeScript that follow each other with no command between are one. */
export function programsIn(blocks: readonly CodeBlock[]): CodeBlock[] {
  const programs: CodeBlock[] = [];
  let before: CodeBlock | undefined;
  for (const block of blocks) {
    const goesOn = before?.language === "ts" && block.language === "ts" &&
      before.note === block.note;
    if (goesOn) programs[programs.length - 1] = before = joined(before!, block);
    else programs.push(before = block);
  }
  return programs;
}

function joined(first: CodeBlock, second: CodeBlock): CodeBlock {
  return { ...first, code: first.code + second.code };
}

/** A block in a line: a program, or the first command. */
export function titleOf({ language, note, code }: CodeBlock): string {
  if (language === "ts") return `a program${note && `, ${note}`}`;
  return code.split("\n").find((line) => !line.startsWith("#")) ?? language;
}
