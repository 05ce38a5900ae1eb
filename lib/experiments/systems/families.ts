import type { System } from "./system.ts";

/** Kinds of systems that charts show together, by the systems' names. */
const families: Readonly<Record<string, readonly string[]>> = {
  "ARM and RAD": ["arm-distilled", "arm-labels", "arm-trunk", "rad"],
  "Other rewards of prefixes": ["gedi", "dexperts", "fudge", "cd", "rectification", "pplm"],
  "From preference pairs": ["arm-pairs", "rad-pairs", "genarm", "farma", "args"],
  "Whole texts are judged": ["caif", "cooperative", "best-of-n", "cards"],
  "Language models that learn themselves": ["arithmetic", "dapt", "ctrl", "quark", "ppo"],
};

/** As many systems as one plot can tell apart by their colours. */
const mostInOne = 7;

/** The kind of each of the systems with these names, for a chart; none where they are so few that one plot has room for them. */
export function familiesOf(names: Iterable<System["name"]>): (name: string) => string | undefined {
  if (new Set(names).size <= mostInOne) return () => undefined;
  const byName = new Map(
    Object.entries(families).flatMap(([family, names]) => names.map((name) => [name, family])),
  );
  return (name) => byName.get(name) ?? "Others";
}
