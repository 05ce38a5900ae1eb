import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** Rectification. Where half of all texts are undesired even small strengths cut off much. */
export const rectificationSystem: PlannedSystem = ({ reward, label, inverse }) =>
  guidedSystem(
    {
      name: "rectification",
      title: "Rectification",
      method: "rectification",
      betas: inverse ? [0.5, 1, 2, 5] : [0.25, 0.5, 1, 2],
    },
    (seed) => reward(`Rectification (${label})`, "rectification", seed, { labels: [label] }),
  );
