import { distance } from "fastest-levenshtein";
import type { OptionTable } from "./option.ts";

/** The option that a mistyped or former name stands for, if one is near. */
export function nearestName(name: string, table: OptionTable): string | undefined {
  const wanted = plain(name);
  let nearest: string | undefined;
  // as far apart as 'regularisation' and 'regularizer'
  let least = Math.max(1, 0.45 * wanted.length);
  for (const [option, { former = [] }] of Object.entries(table)) {
    if (former.some((each) => plain(each) === wanted)) return option;
    for (const candidate of [option, ...former].map(plain)) {
      const difference = distance(wanted, candidate);
      if (difference < least || (difference === least && nearest === undefined)) {
        [nearest, least] = [option, difference];
      }
    }
  }
  return nearest;
}

/** Without what Python, flags and JavaScript write otherwise. */
function plain(name: string): string {
  return name.replace(/[-_ ]/g, "").toLowerCase();
}
