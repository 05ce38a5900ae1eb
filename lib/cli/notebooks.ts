import { join } from "node:path";
import { runNotebooks } from "../notebook_run/run_notebooks.ts";
import { command, interruption, positiveInteger, runCommand } from "./command.ts";

const notebooks = command(
  "notebooks",
  "Execute notebooks without a browser, and compare what they show with what is stored in them. " +
    "Exits 1 if one has an error, misses a chart, or shows something else.",
);
notebooks
  .argument("[files...]", "the notebooks (default: all of notebooks/)")
  .option("--write", "store what they show, instead of comparing")
  .option("--cell-seconds <n>", "the longest that one cell may take", positiveInteger, 300)
  .action(async (files, { write, cellSeconds }) => {
    const paths = files.length > 0 ? files : await allNotebooks();
    const isWatched = Deno.stderr.isTerminal();
    let failed = 0;
    const outcomes = runNotebooks(paths, {
      write,
      cellSeconds,
      signal: interruption(),
      onCell: (notebook, cell, cells) =>
        isWatched && redraw(`${notebook}: cell ${cell} of ${cells}`),
    });
    for await (const { notebook, seconds, problems, comparesContents, skipped } of outcomes) {
      if (isWatched) redraw("");
      const said = skipped !== undefined
        ? `skipped: ${skipped}`
        : problems.length > 0
        ? "failed"
        : write
        ? "stored"
        : comparesContents
        ? "as stored"
        : "runs; stored outputs were made elsewhere, their contents were not compared";
      console.log(`${seconds.toFixed(0).padStart(5)} s  ${notebook}: ${said}`);
      for (const problem of problems) console.error(problem);
      if (problems.length > 0) failed++;
    }
    if (failed > 0) throw new Error(`${failed} of ${paths.length} notebooks failed`);
  });

async function allNotebooks(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir("notebooks")) {
    if (name.endsWith(".ipynb") && !name.startsWith(".")) names.push(name);
  }
  return names.sort().map((name) => join("notebooks", name));
}

/** Shows a line on the terminal in place of the last one. */
function redraw(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`\r${line}\x1b[K`));
}

await runCommand(notebooks);
