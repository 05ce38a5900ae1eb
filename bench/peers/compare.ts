import type { Command } from "@commander-js/extra-typings";
import { InvalidArgumentError, positiveInteger } from "../../lib/cli/command.ts";
import { avx512Environment } from "./avx512.ts";
import { type About, Peer } from "./peer.ts";
import { type Contender, timedRow, timeRounds } from "./rounds.ts";

/** What every comparison can be told. */
export function peerOptions(command: Command, shapes: readonly string[], usual: readonly string[]) {
  const shape = (name: string, before: readonly string[] = []) => {
    if (!shapes.includes(name)) throw new InvalidArgumentError(`choose of ${shapes.join(", ")}`);
    // the first one that is named takes the place of the usual ones
    return before === usual ? [name] : [...before, name];
  };
  return command
    .option("--shape <names...>", `what is compared (choices: ${shapes.join(", ")})`, shape, usual)
    .option("--rounds <n>", "how often each is timed", positiveInteger, 7)
    .option("--python <path>", "a Python that has bench/peers/requirements.txt", "python3")
    .option("--json", "one JSON object a line");
}

export interface Comparison {
  readonly title: string;
  /** Contenders of this library. */
  readonly ours: readonly Contender[];
  /** The peers' script; without one, ours are timed alone. */
  readonly script: string | undefined;
  /** What it is told beside precision and threads. */
  readonly setting: Readonly<Record<string, unknown>>;
  readonly rounds: number;
  readonly python: string;
  readonly json?: boolean;
}

/** Times ours beside PyTorch in float32, as installed and with AVX-512, and in bfloat16, each with ours in turns; prints rows. */
export async function compare(
  { title, ours, script, setting, rounds, python, json }: Comparison,
): Promise<void> {
  const print = async (contenders: readonly Contender[], peer?: About) => {
    for (const row of await timeRounds(contenders, rounds)) {
      console.log(json ? JSON.stringify({ title, peer, ...row }) : timedRow(row));
    }
  };
  if (!json) {
    console.log(`\n${title}: median [range], and how many times faster the first one is`);
  }
  if (script === undefined) return await print(ours);
  const folder = await Deno.makeTempDir();
  try {
    const avx512 = await avx512Environment(folder);
    const variants = [
      { name: "PyTorch float32", precision: "float32", env: {} },
      ...(avx512 ? [{ name: "PyTorch float32, AVX-512", precision: "float32", env: avx512 }] : []),
      { name: "PyTorch bfloat16", precision: "bfloat16", env: avx512 ?? {} },
    ];
    // one at a time beside ours: their weights together may be more than the memory
    for (const { name, precision, env } of variants) {
      const threads = navigator.hardwareConcurrency;
      await using peer = await Peer.start(python, script, { ...setting, precision, threads }, env);
      const contenders = [...ours, { name, round: () => peer.round() }];
      await print(contenders, peer.about);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
