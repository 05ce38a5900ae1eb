import { median } from "../../lib/eval/median.ts";

/** What does a round of work, and says how many milliseconds it took. */
export interface Contender {
  readonly name: string;
  round(): Promise<number>;
}

/** A contender's rounds, in milliseconds. */
export interface Timed {
  readonly name: string;
  readonly median_ms: number;
  readonly least_ms: number;
  readonly most_ms: number;
  /** Its time over that of the first contender: the median over rounds of neighbours in time. */
  readonly first_is_faster: number;
}

/** Between rounds, so that threads of the last one that still look for work come to rest. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 300));

/**
 * Times rounds of all contenders, one after the other, and in the other order in every second round.
 *
 * @param contenders ours first.
 */
export async function timeRounds(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Timed[]> {
  const times = new Map(contenders.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? contenders : contenders.toReversed()) {
      await rest();
      times.get(each.name)!.push(await each.round());
    }
  }
  const [ours] = [...times.values()];
  return [...times].map(([name, ms]) => ({
    name,
    median_ms: rounded(median(ms)),
    least_ms: rounded(Math.min(...ms)),
    most_ms: rounded(Math.max(...ms)),
    first_is_faster: rounded(median(ms.map((time, round) => time / ours[round]))),
  }));
}

/** Four significant digits: more is noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** A round that times some work. */
export function timed(work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
}

/** A row of a table of contenders. */
export function timedRow({ name, median_ms, least_ms, most_ms, first_is_faster }: Timed): string {
  const range = `[${least_ms}, ${most_ms}]`;
  return `  ${name.padEnd(28)} ${String(median_ms).padStart(8)} ms ${range.padEnd(20)} ${
    first_is_faster.toFixed(2)
  } ×`;
}
