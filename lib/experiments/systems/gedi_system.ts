import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** GeDi. */
export const gediSystem: PlannedSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "gedi", title: "GeDi", method: "gedi", betas: [2, 5, 10, 20] },
    (seed) =>
      reward(`GeDi (${label})`, "gedi", seed, {
        labels: [label],
        rate: 5e-4,
        generativeWeight: 0.2,
      }),
  );
