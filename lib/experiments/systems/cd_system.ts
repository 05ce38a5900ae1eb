import { guidedSystem } from "./guided_system.ts";
import type { WorldSystem } from "./world_parts.ts";

/** Controlled decoding in the small world: values of prefixes from texts with labels. */
export const cdSystem: WorldSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "cd", title: "CD", method: "cd", betas: [5, 10, 20] },
    (seed) => reward(`a value function (${label})`, "cd", seed, { labels: [label] }),
  );
