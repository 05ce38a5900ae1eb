import { arithmetic } from "./arithmetic.ts";
import { bestOfN } from "./best_of_n.ts";
import { caif } from "./caif.ts";
import { cards } from "./cards.ts";
import { cooperative } from "./cooperative.ts";
import { ctrl } from "./ctrl.ts";
import { dapt } from "./dapt.ts";
import { ppo } from "./ppo.ts";
import { quark } from "./quark.ts";
import type { Way } from "./way.ts";

/** The ways to control text that are no reward models. A new one is one file here, with its facts, and one line. */
export const ways: readonly Way[] = [
  arithmetic,
  caif,
  cooperative,
  bestOfN,
  cards,
  dapt,
  ctrl,
  quark,
  ppo,
];
