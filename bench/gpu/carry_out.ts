import { runOwnProcess } from "../../lib/cli/own_process.ts";
import { weightBytes } from "../../lib/experiments/random_weights.ts";
import { nameOf } from "./measure.ts";
import type { Order } from "./measurement.ts";
import { PeakMemory } from "./peak_memory.ts";
import type { Planned } from "./plan.ts";
import type { Finding, Row } from "./row.ts";
import type { BenchScale } from "./scale.ts";

export interface CarryOutOptions {
  readonly scale: BenchScale;
  readonly isSmall: boolean;
  /** When all has to be done, by `performance.now()`. */
  readonly until: number;
  /** Whether NVIDIA's driver tells of memory. */
  readonly hasCard: boolean;
  readonly signal: AbortSignal;
}

/** With less time than this left, in milliseconds, nothing is begun. */
const least = 3000;

/**
 * Makes the planned measurements, each in a process of its own with a limit of time, and gives what is found at once. What
 * fails, crashes or has no time is a row with its reason; what is planned for a device that does not open is left out.
 */
export async function* carryOut(
  plan: readonly Planned[],
  { scale, isSmall, until, hasCard, signal }: CarryOutOptions,
): AsyncGenerator<Row> {
  const closed = new Set<string>();
  for (const { contender, order, seconds } of plan) {
    const { name, device, env } = contender;
    // there is one PyTorch
    const opened = device ?? "torch";
    if (closed.has(opened)) continue;
    const left = until - performance.now();
    if (left < least) {
      yield { quantity: nameOf(order), contender: name, problem: "no time was left" };
      continue;
    }
    using memory = await PeakMemory.begin(hasCard);
    const process = runOwnProcess({
      command: "bench:gpu",
      args: ["measure", JSON.stringify(order), ...(isSmall ? ["--small"] : [])],
      seconds: Math.min(scale.patience * seconds, left / 1000),
      env,
      scratch: scratchOf(order, scale),
      mayRun: true,
      onStart: (pid) => memory.pid = pid,
      signal,
    });
    let isOpen = !order.kind.startsWith("open");
    while (true) {
      const { done, value } = await process.next();
      if (done) {
        if (value) yield { quantity: nameOf(order), contender: name, problem: value };
        break;
      }
      const finding = value as Finding;
      if (finding.problem === undefined) isOpen = true;
      yield { ...finding, contender: name, ...await memory.soFar() };
    }
    if (!isOpen) closed.add(opened);
  }
}

/** Bytes of the random weights that a measurement writes. */
function scratchOf({ kind }: Order, { decoding: { shapes } }: BenchScale): number {
  return kind === "decode"
    ? weightBytes(shapes.base.shapes) + weightBytes(shapes.reward.shapes)
    : 0;
}
