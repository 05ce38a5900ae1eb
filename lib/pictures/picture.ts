import { type Graph, instance, type Subgraph } from "@viz-js/viz";
import { visible } from "../notebook/visible.ts";
import type { Box, BoxKind, Group, Outline } from "./outline.ts";

/** Graphviz knows the widths of Courier's letters, which are those of every font of one width in this list. */
const fontFamily = "DejaVu Sans Mono, Liberation Mono, Menlo, Courier New, monospace";

/** Told apart by shape as well as by colour, on white. */
const looks: Readonly<Record<BoxKind, Record<string, string>>> = {
  input: { shape: "box", style: "rounded,filled", fillcolor: "#e3f0fa", color: "#0072b2" },
  weight: { shape: "cylinder", style: "filled", fillcolor: "#fdeede", color: "#b04e00" },
  constant: { shape: "box", style: "dashed", color: "#888888", fontcolor: "#555555" },
  op: { shape: "box", style: "filled", fillcolor: "white", color: "#222222" },
  output: { shape: "box", style: "rounded,filled,bold", fillcolor: "#e2f4ee", color: "#00785a" },
};

/**
 * Draws a graph as SVG on white, from inputs at the top to outputs at the bottom, with Graphviz (a WebAssembly module,
 * no program). Whatever its names hold is drawn as text.
 */
export async function pictureOf(outline: Outline): Promise<string> {
  const graph: Graph = {
    graphAttributes: {
      bgcolor: "white",
      fontname: "Courier",
      fontsize: 10,
      nodesep: 0.2,
      ranksep: 0.35,
      pad: 0.15,
      // operands from left to right: of a difference, the first is the one that is taken from
      ordering: "in",
    },
    nodeAttributes: { fontname: "Courier", fontsize: 11, margin: "0.12,0.06", height: 0.3 },
    edgeAttributes: {
      fontname: "Courier",
      fontsize: 9,
      color: "#666666",
      fontcolor: "#444444",
      arrowsize: 0.6,
    },
    ...partsOf(outline, "graph"),
    edges: outline.edges.map(({ from, to, label, back }) => ({
      tail: from,
      head: to,
      attributes: {
        ...(label && { label: ` ${text(label)} ` }),
        ...(back && { style: "dashed", constraint: false }),
      },
    })),
  };
  const svg = (await instance()).renderString(graph, { format: "svg" });
  // names of boxes would show up as hints
  return svg.replaceAll(/<title>[^<]*<\/title>\n/g, "")
    .replaceAll('font-family="Courier,monospace"', `font-family="${fontFamily}"`)
    .replaceAll('font-family="Courier"', `font-family="${fontFamily}"`);
}

function partsOf({ boxes, groups }: Group, name: string): Pick<Graph, "nodes" | "subgraphs"> {
  return {
    nodes: boxes.map(({ id, kind, lines }) => ({
      name: id,
      attributes: { ...looks[kind], label: labelOf(kind, lines) },
    })),
    subgraphs: groups.map((group, i): Subgraph => ({
      name: `cluster_${name}_${i}`,
      // at the bottom, as what is carried comes in at the top
      graphAttributes: {
        label: text(group.title),
        labelloc: "b",
        labeljust: "l",
        style: "rounded",
      },
      ...partsOf(group, `${name}_${i}`),
    })),
  };
}

function labelOf(kind: BoxKind, lines: Box["lines"]): string {
  // an op's settings are many and short
  const [name, ...settings] = lines;
  return (kind === "op" ? [name, ...wrapped(settings)] : lines).map(text).join("\\n");
}

/** The settings in lines that are about as wide as a shape. */
function wrapped(settings: readonly string[]): string[] {
  const lines: string[] = [];
  for (const setting of settings) {
    const longer = `${lines.at(-1)} ${setting}`;
    if (lines.length > 0 && longer.length <= 26) lines[lines.length - 1] = longer;
    else lines.push(setting);
  }
  return lines;
}

/** The longest name that is drawn whole. */
const longestName = 48;

/** Text as Graphviz takes it: it would read escapes and references in labels, and refuse what XML has no sign for. */
function text(name: string): string {
  const signs = [...visible(name).replaceAll(/[\n\t\ufffe\uffff]/g, "\ufffd")];
  const shown = signs.length > longestName
    ? [...signs.slice(0, longestName / 2), "…", ...signs.slice(1 - longestName / 2)]
    : signs;
  return shown.join("").replaceAll("\\", "\\\\").replaceAll("&", "&amp;");
}
