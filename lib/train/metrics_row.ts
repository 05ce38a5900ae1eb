import type { Losses } from "./trainer.ts";

/** One line of `metrics.jsonl`. */
export interface MetricsRow extends Record<string, unknown> {
  step: number;
  epoch: number;
  rate: number;
}

/** Whose losses a row has beside those of its batch: those of held-out texts, and of one prediction for all of these. */
export type LossesOf = "eval" | "constant";

/** Losses by the names that they have in a row. */
export function named(of: LossesOf, losses: Losses): Losses {
  return Object.fromEntries(
    Object.entries(losses).map(([name, value]) => [`${of}_${name}`, value]),
  );
}

/** The losses that a row has under such names; undefined if there are none. */
export function lossesNamed(of: LossesOf, row: MetricsRow): Losses | undefined {
  const prefix = `${of}_`;
  const found = Object.entries(row).filter((entry): entry is [string, number] =>
    entry[0].startsWith(prefix) && typeof entry[1] === "number"
  );
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** What else a row holds. */
const others = new Set(["step", "epoch", "rate", "tokens_per_second"]);

/** The losses of a row's batch. */
export function lossesOfBatch(row: MetricsRow): Losses {
  return Object.fromEntries(
    Object.entries(row).filter((entry): entry is [string, number] =>
      typeof entry[1] === "number" && !others.has(entry[0]) &&
      !/^(eval|constant)_/.test(entry[0])
    ),
  );
}
