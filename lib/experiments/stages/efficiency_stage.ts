import { join } from "node:path";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import { type EfficiencyMeasurement, measureEfficiency } from "../efficiency.ts";
import type { EfficiencyOptions } from "../efficiency_options.ts";
import { efficiencyScales } from "../efficiency_scales.ts";
import { readMeasurements } from "../efficiency_report.ts";
import { writeRows } from "./files.ts";

const file = "measurements.jsonl";

/** What is measured, where it is not what is usual. */
export type EfficiencyStageOptions = Pick<
  EfficiencyOptions,
  "topK" | "samples" | "maxNewTokens" | "rounds"
>;

/** Times of a guided step by system and k, on random weights of a profile's shapes. */
export function efficiencyStage(
  scale: keyof typeof efficiencyScales,
  seconds: number,
  options: EfficiencyStageOptions = {},
): Stage {
  return defineStage({
    kind: "efficiency/3",
    title: "Timing every system on random weights",
    settings: { scale, ...options } as Json,
    needs: {},
    cost: { seconds, disk: 1e5, memory: scale === "paper" ? 1e10 : 1e9 },
    async make(folder, _, { device, signal }) {
      const rows: EfficiencyMeasurement[] = [];
      for await (
        const row of measureEfficiency(device, {
          ...options,
          scale: efficiencyScales[scale],
          signal,
        })
      ) rows.push(row);
      await writeRows(folder, file, rows);
    },
  });
}

/** What the stage measured. */
export function readEfficiency(folder: string): Promise<EfficiencyMeasurement[]> {
  return readMeasurements(join(folder, file));
}
