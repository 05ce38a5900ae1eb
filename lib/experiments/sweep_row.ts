import type { TradeOffRow } from "../charts/trade_off.ts";
import type { TextGeneration } from "../decode/text_generation.ts";

/** One point of the sweep, with its cost and what was generated. */
export interface SweepRow extends TradeOffRow {
  readonly beta: number;
  /** Backbone calls of the reward model a step, as counted; 0 without steering. */
  readonly backboneCalls: number;
  /** Tokens of all texts a second. */
  readonly tokensPerSecond: number;
  /** The texts. */
  readonly generation: TextGeneration;
}
