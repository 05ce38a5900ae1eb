import { isDeepStrictEqual } from "node:util";
import { cellTags } from "./cell_tags.ts";
import { lastingOutputs, sourceHashes } from "./normal_form.ts";
import { type Cell, codeCells, type Notebook, type Output, textOf } from "./notebook_file.ts";
import { type Finding, isChart } from "./output_problems.ts";

/**
 * What differs between the stored outputs of a notebook and those that it gives now.
 *
 * @param stored the notebook as it is in its file.
 * @param executed the same, executed now, in its normal form.
 * @returns the findings; and whether contents were compared, which they are only where both were made on the same.
 */
export function outputDifferences(
  stored: Notebook,
  executed: Notebook,
): { findings: Finding[]; comparesContents: boolean } {
  const origin = stored.metadata.armature;
  const now = codeCells(executed);
  if (!origin) {
    return {
      findings: now.map((_, i) => ({ cell: i + 1, what: "was stored without outputs" })),
      comparesContents: false,
    };
  }
  const comparesContents = isDeepStrictEqual(
    origin.madeOn,
    executed.metadata.armature?.madeOn,
  );
  const hashes = sourceHashes(stored);
  const findings = codeCells(stored).map((cell, i) =>
    hashes[i] === origin.sources[i]
      ? differenceOf(cell, now[i], comparesContents)
      : "was changed after its outputs were made"
  );
  return {
    findings: findings.flatMap((what, i) => what ? [{ cell: i + 1, what }] : []),
    comparesContents,
  };
}

function differenceOf(
  stored: Cell,
  executed: Cell | undefined,
  comparesContents: boolean,
): string | undefined {
  if (textOf(stored.source) !== textOf(executed?.source ?? "")) return "was executed otherwise";
  const [before, now] = [stored, executed!].map(lastingOutputs);
  const [kindsBefore, kindsNow] = [before, now].map((outputs) => outputs.map(kindOf));
  if (!isDeepStrictEqual(kindsBefore, kindsNow)) {
    return `shows ${listed(kindsNow)}, and has ${listed(kindsBefore)} stored`;
  }
  if (stored.metadata.tags?.includes(cellTags.chart) && !before.some(isChart)) {
    return "has no chart stored that shows anything";
  }
  if (!comparesContents || stored.metadata.tags?.includes(cellTags.timing)) return undefined;
  for (const [i, output] of now.entries()) {
    const names = Object.keys(comparable(output))
      .filter((name) => !isDeepStrictEqual(comparable(output)[name], comparable(before[i])[name]));
    if (names.length > 0) return `shows another ${names.join(" and ")} than is stored`;
  }
}

/** Media types of an output, or what else it is. */
function kindOf(output: Output): string[] {
  return "data" in output ? Object.keys(output.data).sort() : [output.output_type];
}

function listed(kinds: readonly (readonly string[])[]): string {
  return kinds.length === 0 ? "nothing" : kinds.map((kind) => kind.join(" + ")).join(", ");
}

/** What is compared of an output, by media type: all but images, which depend on the fonts of a machine. */
function comparable(output: Output): Record<string, unknown> {
  if (!("data" in output)) return {};
  return Object.fromEntries(
    Object.entries(output.data)
      .filter(([type]) => !type.startsWith("image/"))
      .map(([type, content]) => [type, withoutIds(content)]),
  );
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The content without ids that are drawn anew each time, its texts in one piece. */
function withoutIds(content: unknown): unknown {
  if (Array.isArray(content) && content.every((line) => typeof line === "string")) {
    content = content.join("");
  }
  return JSON.parse(JSON.stringify(content).replace(uuid, "id"));
}
