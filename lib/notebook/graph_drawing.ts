import type { MediaBundle } from "./display.ts";

/** Draws a graph by its outputs. */
export type DrawGraph = (outputs: Readonly<Record<string, object>>) => Promise<MediaBundle>;

let draw: DrawGraph | undefined;

/** Says who draws graphs in notebooks: graphs do not know it themselves. */
export function drawGraphsBy(drawGraph: DrawGraph): void {
  draw = drawGraph;
}

/** What a notebook shows of a graph: its outputs' names, where nobody draws it. */
export async function drawnGraph(
  outputs: Readonly<Record<string, object>>,
): Promise<MediaBundle> {
  return await draw?.(outputs) ??
    { "text/plain": `A graph of ${Object.keys(outputs).join(", ")}` };
}
