import { guidedSystem } from "./guided_system.ts";
import type { WorldSystem } from "./world_parts.ts";

/** FUDGE in the small world. */
export const fudgeSystem: WorldSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "fudge", title: "FUDGE", method: "fudge", betas: [1, 2, 5] },
    (seed) => reward(`FUDGE (${label})`, "fudge", seed, { labels: [label] }),
  );
