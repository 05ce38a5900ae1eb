import { type ControlArea, controlArea, type MeasuredPoint } from "../eval/control_area.ts";
import { promptMeans } from "../eval/prompt_means.ts";
import type { Interval } from "../eval/bootstrap.ts";
import { intervalText } from "../eval/interval_text.ts";
import { displayedAs, type MediaBundle } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import { settle } from "../options/settle.ts";
import type { SweepRow } from "./sweep_row.ts";
import { type SweepAreasOptions, sweepAreasOptions } from "./sweep_areas_options.ts";
import type { PromptMeasurement } from "./sweep_options.ts";

/** How the curve of one system compares with the reference's. */
export interface SweepArea {
  readonly system: string;
  readonly area: ControlArea;
}

/**
 * Compares the curves of a sweep's systems, prompt by prompt: the intervals are those of differences, and narrower
 * than the two curves' own. A system with one point only, as a sweep that was stopped may leave, is left out.
 *
 * @throws {RangeError} if the reference is not among the systems.
 */
export async function sweepAreas(
  rows: readonly SweepRow[],
  options: SweepAreasOptions,
): Promise<SweepArea[]> {
  const { reference, measure, better, seed } = settle("sweepAreas", sweepAreasOptions, options);
  const curves = new Map<string, MeasuredPoint[]>();
  for (const { system, beta, generation } of rows) {
    const point = pointOf(beta, await measure(generation));
    curves.set(system, [...curves.get(system) ?? [], point]);
  }
  const theirs = curves.get(reference);
  if (!theirs) {
    throw new RangeError(
      `Cannot compare with '${reference}': the sweep has ${[...curves.keys()].join(", ")}`,
    );
  }
  curves.delete(reference);
  const areas = [...curves].filter(([, { length }]) => length > 1).map(([system, ours]) => ({
    system,
    area: controlArea(ours, theirs, { better, seed, fluency: "nats" }),
  }));
  return displayedAs(areas, () => areasLook(areas, reference));
}

function areasLook(areas: readonly SweepArea[], reference: string): MediaBundle {
  return tableLook({
    title: `Against ${reference}`,
    facts: [["in brackets", "95 % intervals over the same prompts"]],
    columns: [
      { name: "system" },
      { name: "area between the curves, as a share", isNumber: true },
      { name: "perplexity at equal control, as a ratio", isNumber: true },
      { name: "told apart" },
    ],
    rows: areas.map(({ system, area: { relativeDifference, perplexityRatio } }) => [
      system,
      intervalText(relativeDifference),
      intervalText(perplexityRatio),
      verdict(perplexityRatio),
    ]),
  });
}

/** Whether a ratio of perplexities is told apart from 1. */
function verdict({ low, high }: Interval): string {
  if (low > 1) return "yes: less fluent";
  return high < 1 ? "yes: more fluent" : "no";
}

function pointOf(beta: number, measured: readonly PromptMeasurement[]): MeasuredPoint {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    beta,
    score: promptMeans(measured.map(({ scores }) => scores)),
    fluency: {
      sums: measured.map(({ fluency }) => sum(fluency.map(({ nll }) => nll))),
      counts: measured.map(({ fluency }) => sum(fluency.map(({ count }) => count))),
    },
  };
}
