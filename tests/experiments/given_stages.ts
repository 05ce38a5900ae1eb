import type { PointPlan } from "../../lib/experiments/points.ts";
import { files, writeRows } from "../../lib/experiments/stages/files.ts";
import type { MeasuredRow } from "../../lib/experiments/stages/measured_row.ts";
import { defineStage, type Stage } from "../../lib/stages/stage.ts";

/** What is measured of the continuations of one prompt. */
export type Measured = Omit<MeasuredRow, "prompt">;

/** A stage whose result is given. */
export function given(settings: string, write: (folder: string) => Promise<void>): Stage {
  const cost = { seconds: 0, disk: 0, memory: 0 };
  return defineStage({ kind: "given/1", title: settings, settings, needs: {}, cost, make: write });
}

/**
 * A point whose texts and judgements are given: one list of prompts a seed.
 *
 * @param logRatios of every prompt's texts; absent: they are not known.
 * @param exhausted how many of every prompt's texts were taken for want of tries.
 */
export function givenPoint(
  system: string,
  beta: number,
  perSeed: readonly (readonly Measured[])[],
  texts: readonly string[],
  logRatios?: readonly number[],
  exhausted?: number,
): PointPlan {
  const name = `${system} ${beta}`;
  return {
    system,
    title: { rad: "RAD", "arm-distilled": "ARM, distilled" }[system] ?? system,
    prompts: "some",
    beta,
    generations: perSeed.map((rows, seed) =>
      given(`generations of ${name}, seed ${seed}`, async (folder) => {
        const generated = rows.map((_, i) => (
          {
            prompt: `${i}`,
            continuations: texts,
            ids: [],
            ...(logRatios && { logRatios }),
            exhausted,
          }
        ));
        await writeRows(folder, files.generations, generated);
        const cost = { tokens: 1, backboneCalls: system === "rad" ? 20 : 1, seconds: 1 };
        await writeRows(folder, files.cost, [cost]);
      })
    ),
    measurements: perSeed.map((rows, seed) =>
      given(
        `measurements of ${name}, seed ${seed}`,
        (folder) =>
          writeRows(folder, files.measured, rows.map((row, i) => ({ prompt: `${i}`, ...row }))),
      )
    ),
  };
}
