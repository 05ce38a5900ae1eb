import { cellTags } from "./cell_tags.ts";
import { lastingOutputs } from "./normal_form.ts";
import { type CodeCell, codeCells, type Notebook, type Output, textOf } from "./notebook_file.ts";

/** What is wrong with a cell, or differs. */
export interface Finding {
  /** The code cell's number, from 1, as it stands beside it. */
  readonly cell: number;
  /** What is said of it, to be read after "cell [3]". */
  readonly what: string;
}

/** What is wrong with the outputs of an executed notebook: errors, nothing where something should be, missing charts. */
export function outputProblems(notebook: Notebook): Finding[] {
  return codeCells(notebook).flatMap((cell, i) =>
    problemsOf(cell).map((what) => ({ cell: i + 1, what }))
  );
}

/** What a cell threw, to be read after "cell [3]". */
export function errorsOf({ outputs }: CodeCell): string[] {
  return outputs.flatMap((output) =>
    output.output_type === "error" ? [`throws ${output.ename}: ${output.evalue}`] : []
  );
}

function problemsOf(cell: CodeCell): string[] {
  const { outputs, metadata, source } = cell;
  const tags = metadata.tags ?? [];
  const errors = errorsOf(cell);
  // What follows an error is no news.
  if (errors.length > 0) return errors;
  if (/\bconsole\.\w+\(/.test(textOf(source))) {
    return ["prints with console, and the kernel may lose what is printed: show a value instead"];
  }
  const printed = outputs.find(({ output_type }) => output_type === "stream");
  if (printed?.output_type === "stream") {
    const [line] = textOf(printed.text).trim().split("\n");
    return [`prints "${line}", and the kernel may lose what is printed: show a value instead`];
  }
  const isSilent = tags.includes(cellTags.silent);
  const lasting = lastingOutputs(cell);
  if (lasting.length === 0 && !isSilent) {
    return [`shows nothing: give it a value, or the tag "${cellTags.silent}"`];
  }
  if (lasting.length > 0 && isSilent) {
    return [`shows something, and has the tag "${cellTags.silent}"`];
  }
  return tags.includes(cellTags.chart) && !lasting.some(isChart)
    ? [`misses its chart: no output of it has Vega-Lite and a PNG`]
    : [];
}

const vegaLite = "application/vnd.vegalite.v5+json";

/** Whether an output is a chart: a spec of Vega-Lite, and a PNG that has pixels. */
export function isChart(output: Output): boolean {
  if (!("data" in output)) return false;
  const { [vegaLite]: spec, "image/png": png } = output.data;
  return typeof spec === "object" && spec !== null && typeof png === "string" && hasPixels(png);
}

/** Whether a PNG in base64 has a width and a height: the first things that stand in it. */
function hasPixels(base64: string): boolean {
  const bytes = Uint8Array.fromBase64(base64);
  if (bytes.length < 24 || !signature.every((byte, i) => bytes[i] === byte)) return false;
  const view = new DataView(bytes.buffer);
  return view.getUint32(16) > 0 && view.getUint32(20) > 0;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
