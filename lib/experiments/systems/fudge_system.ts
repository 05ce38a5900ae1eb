import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** FUDGE. */
export const fudgeSystem: PlannedSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "fudge", title: "FUDGE", method: "fudge", betas: [1, 2, 5] },
    (seed) => reward(`FUDGE (${label})`, "fudge", seed, { labels: [label] }),
  );
