import { guidedSystem } from "./guided_system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** PPLM, with the authors' step size and fusion, and with less and more of the latter. */
export const pplmSystem: PlannedSystem = ({ reward, label }) =>
  guidedSystem(
    { name: "pplm", title: "PPLM", method: "pplm", betas: [0.5, 0.9] },
    (seed) => reward(`PPLM's classifier (${label})`, "pplm", seed, { labels: [label], rate: 0.1 }),
  );
