import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** DExperts. */
export const dexpertsSystem: PlannedSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "dexperts", title: "DExperts", method: "dexperts", betas: [0.25, 0.5, 1, 2] },
    (seed) => reward(`DExperts (${label})`, "dexperts", seed, { labels: [label], rate: 5e-4 }),
  );
