import { bestOfNSystem } from "./whole_text_systems.ts";
import { genarmSystem } from "./pair_systems.ts";
import type { PlannedSystem } from "./system_parts.ts";
import { ctrlSystem, daptSystem } from "./label_writers.ts";
import { dexpertsSystem } from "./dexperts_system.ts";
import { gediSystem } from "./gedi_system.ts";

/**
 * What real text compares with the optimum beside RAD and the ARMs: those that learn from what is there, labels and pairs of texts
 * with and without them, in the time that there is. The base model is too small to be taught by its own texts.
 */
export const realSystems: readonly PlannedSystem[] = [
  gediSystem,
  dexpertsSystem,
  genarmSystem,
  bestOfNSystem,
  daptSystem,
  ctrlSystem,
];
