/**
 * Long runs under memory accounting, with checkpoints and random kills: training and generating end as they do unbroken, and
 * the memory stays as it is.
 *
 * `deno task bench:soak [--work training generation] [--minutes N] [--kills N] [--seed N] [--json]`
 */
import { join } from "node:path";
import { command, runCommand } from "../lib/cli/command.ts";
import { jsonOption } from "../lib/cli/json_option.ts";
import { addFlags, givenOptions } from "../lib/cli/option_flags.ts";
import { median } from "../lib/eval/median.ts";
import { sizeText } from "../lib/files/room.ts";
import type { OptionTable } from "../lib/options/option.ts";
import { settle } from "../lib/options/settle.ts";
import { Random } from "../lib/random.ts";
import { runSoak } from "./soak/run.ts";

const works = ["training", "generation"] as const;

const soakOptions = {
  work: {
    type: "list",
    of: { type: "choice", of: works },
    default: works,
    defaultHelp: "both",
    placeholder: "name",
    help: "what is done: training, generation",
  },
  minutes: {
    type: "number",
    above: 0,
    default: 4,
    help: "how long each takes unbroken; broken it takes longer",
  },
  kills: { type: "integer", min: 0, default: 5, help: "how often the broken run is killed" },
  seed: { type: "integer", min: 0, default: 0, help: "seed of weights, texts and kills" },
  ...jsonOption,
} as const satisfies OptionTable;

/** The most that the memory may grow after the warm-up, as a share. */
const mostGrowth = 0.01;

const soak = command(
  "bench:soak",
  "Training and generating for so long, with a checkpoint a minute: the memory stays, and runs that are killed end as unbroken ones do.",
)
  .action(async (_, command) => {
    const options = settle("bench:soak", soakOptions, givenOptions(command, soakOptions));
    let wrong = 0;
    for (const work of options.work) {
      const result = await soakOf(work, options);
      if (!result.equal || result.growth > mostGrowth) wrong++;
      console.log(options.json ? JSON.stringify(result) : described(result));
    }
    if (wrong > 0) throw new Error(`${wrong} of ${options.work.length} went wrong.`);
  });
addFlags(soak, soakOptions);

interface SoakResult {
  readonly work: string;
  readonly units: number;
  readonly minutes: number;
  /** How often the broken run was killed before it had ended. */
  readonly kills: number;
  /** Bytes after the warm-up, and at the end. */
  readonly resident: readonly [number, number];
  readonly growth: number;
  /** Whether the broken run's files are those of the unbroken one. */
  readonly equal: boolean;
}

async function soakOf(
  work: typeof works[number],
  { minutes, kills, seed }: { minutes: number; kills: number; seed: number },
): Promise<SoakResult> {
  const folder = await Deno.makeTempDir();
  try {
    const task = { work, seed, units: 1e6, checkpointEvery: 1e6 };
    // the second half of a short run tells how many fit
    const tried = await runSoak({ ...task, out: join(folder, "tried") }, {
      seconds: Math.min(60, Math.max(15, 6 * minutes)),
    });
    if (tried.lines.length < 4) throw new Error(`The machine is too busy for ${work}.`);
    const half = tried.lines.slice(Math.floor(tried.lines.length / 2));
    const rate = (half.length - 1) / ((half.at(-1)!.at - half[0].at) / 1000);
    const whole = {
      ...task,
      units: Math.max(20, Math.round(60 * minutes * rate)),
      checkpointEvery: Math.max(1, Math.round(rate * Math.min(60, 6 * minutes))),
    };
    const began = performance.now();
    const { lines } = await runSoak({ ...whole, out: join(folder, "unbroken") });
    const took = (performance.now() - began) / 60_000;
    const broken = { ...whole, out: join(folder, "broken") };
    const random = new Random(seed, "kills");
    let killed = 0;
    for (let kill = 0; kill < kills; kill++) {
      const seconds = 120 * minutes / (kills + 1) * random.uniform();
      // the last ones may come when all is done
      if ((await runSoak(broken, { seconds })).killed) killed++;
    }
    await runSoak(broken);
    const memory = lines.map(({ resident }) => resident);
    const at = (from: number, to: number) =>
      median(memory.slice(Math.floor(from * memory.length), Math.ceil(to * memory.length)));
    const resident = [at(0.2, 0.4), at(0.8, 1)] as const;
    return {
      work,
      units: whole.units,
      minutes: took,
      kills: killed,
      resident,
      growth: resident[1] / resident[0] - 1,
      equal: await areEqual(join(folder, "unbroken"), join(folder, "broken")),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether two folders have the same files, but for metrics, which have times in them. */
async function areEqual(left: string, right: string): Promise<boolean> {
  const names = [...Deno.readDirSync(left)].map(({ name }) => name)
    .filter((name) => name !== "metrics.jsonl");
  for (const name of names) {
    const [one, other] = await Promise.all(
      [left, right].map((folder) => Deno.readFile(join(folder, name)).catch(() => undefined)),
    );
    if (one?.length !== other?.length || !one!.every((byte, i) => byte === other![i])) return false;
  }
  return names.length > 0;
}

function described({ work, units, minutes, kills, resident, growth, equal }: SoakResult): string {
  return `${work}: ${units} units in ${minutes.toFixed(1)} minutes; memory ${
    resident.map(sizeText).join(", then ")
  } (${(100 * growth).toFixed(2)} %); killed ${kills} times it ends ${
    equal ? "the same" : "otherwise"
  }`;
}

await runCommand(soak);
