import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** Controlled decoding: values of prefixes from texts with labels. */
export const cdSystem: PlannedSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "cd", title: "CD", method: "cd", betas: [5, 10, 20] },
    (seed) => reward(`a value function (${label})`, "cd", seed, { labels: [label] }),
  );
