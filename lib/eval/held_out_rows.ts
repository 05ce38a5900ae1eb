import type { Option } from "../options/option.ts";
import { type Seed, seedOption } from "../options/seed_option.ts";
import { Random } from "../random.ts";

/** What texts classifiers are measured on. */
export const holdOutOptions = {
  holdOut: {
    type: "number",
    min: 0,
    below: 1,
    default: 0.1,
    placeholder: "share",
    help: "share of the texts that is kept back to measure the classifiers on",
  },
  seed: { ...seedOption, help: "seed that chooses them" },
} as const satisfies Record<string, Option>;

/** Which rows train, and which are kept back. */
export interface HeldOutRows {
  readonly training: readonly number[];
  readonly kept: readonly number[];
}

/** Keeps a share of the distinct texts back; equal texts stay together, so that none is on both sides. */
export function heldOutRows(texts: readonly string[], share: number, seed: Seed): HeldOutRows {
  const isHeldOut = new Map<string, boolean>();
  const distinct = new Random(seed, "held-out texts").shuffle([...new Set(texts)]);
  distinct.forEach((text, i) => isHeldOut.set(text, i < Math.round(share * distinct.length)));
  const rows = (heldOut: boolean) =>
    texts.keys().filter((row) => isHeldOut.get(texts[row]) === heldOut).toArray();
  return { training: rows(false), kept: rows(true) };
}
