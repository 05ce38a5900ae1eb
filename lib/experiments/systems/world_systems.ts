import { arithmeticSystem } from "./arithmetic_system.ts";
import { caifSystem, cooperativeSystem } from "./caif_system.ts";
import { cdSystem } from "./cd_system.ts";
import { ctrlSystem, daptSystem } from "./label_writers.ts";
import { dexpertsSystem } from "./dexperts_system.ts";
import { fudgeSystem } from "./fudge_system.ts";
import { gediSystem } from "./gedi_system.ts";
import {
  argsSystem,
  armPairsSystem,
  farmaSystem,
  genarmSystem,
  radPairsSystem,
} from "./pair_systems.ts";
import { ppoSystem, quarkSystem } from "./policy_writers.ts";
import { pplmSystem } from "./pplm_system.ts";
import { rectificationSystem } from "./rectification_system.ts";
import { trunkSystem } from "./trunk_system.ts";
import { bestOfNSystem, cardsSystem } from "./whole_text_systems.ts";
import type { PlannedSystem } from "./system_parts.ts";

/** What the small world compares with RAD and the ARMs in the figures of the paper. */
export const paperRivals: readonly PlannedSystem[] = [gediSystem, dexpertsSystem];

/** What it compares with the optimum beside all these. A new system is one file here and one line. */
export const furtherSystems: readonly PlannedSystem[] = [
  trunkSystem,
  armPairsSystem,
  radPairsSystem,
  genarmSystem,
  farmaSystem,
  argsSystem,
  fudgeSystem,
  cdSystem,
  rectificationSystem,
  arithmeticSystem,
  caifSystem,
  cooperativeSystem,
  pplmSystem,
  bestOfNSystem,
  cardsSystem,
  daptSystem,
  ctrlSystem,
  quarkSystem,
  ppoSystem,
];
