import type { PairedModelSettings } from "../stages/paired_model_stage.ts";
import { guidedSystem } from "./guided_system.ts";
import type { System } from "./system.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** A system whose reward model learns from preference pairs. */
const fromPairs = (
  facts: Pick<System, "name" | "title" | "method" | "betas">,
  settings: Partial<PairedModelSettings> = {},
): PlannedSystem =>
({ fromPairs, label }) =>
  guidedSystem(
    facts,
    (seed) => fromPairs(`${facts.title} (${label})`, seed, { kind: facts.method, ...settings }),
  );

/** An ARM on pairs. */
export const armPairsSystem: PlannedSystem = fromPairs(
  { name: "arm-pairs", title: "ARM, pairs", method: "arm", betas: [2, 4, 8] },
);

/** RAD on pairs. */
export const radPairsSystem: PlannedSystem = fromPairs(
  { name: "rad-pairs", title: "RAD, pairs", method: "rad", betas: [1, 2, 4] },
);

/** GenARM. */
export const genarmSystem: PlannedSystem = fromPairs(
  { name: "genarm", title: "GenARM", method: "genarm", betas: [0.1, 0.2, 0.5] },
  { rate: 1e-3 },
);

/** FaRMA. */
export const farmaSystem: PlannedSystem = fromPairs(
  { name: "farma", title: "FaRMA", method: "farma", betas: [1, 2, 4] },
  { constraint: 0.1 },
);

/** ARGS. */
export const argsSystem: PlannedSystem = fromPairs(
  { name: "args", title: "ARGS", method: "args", betas: [0.5, 1, 2] },
);
