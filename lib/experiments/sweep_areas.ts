import { type ControlArea, controlArea, type MeasuredPoint } from "../eval/control_area.ts";
import { promptMeans } from "../eval/prompt_means.ts";
import { settle } from "../options/settle.ts";
import type { SweepRow } from "./sweep.ts";
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
  return [...curves].filter(([, { length }]) => length > 1).map(([system, ours]) => ({
    system,
    area: controlArea(ours, theirs, { better, seed, fluency: "nats" }),
  }));
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
