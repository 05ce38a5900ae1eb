import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, positiveInteger, runCommand } from "../../lib/cli/command.ts";
import { delay } from "../../lib/delay.ts";
import { Random } from "../../lib/random.ts";
import { faults, type Victims } from "./faults.ts";
import { differences, finishedTimes } from "./results.ts";
import { missingPrograms, SlurmCluster } from "./slurm_cluster.ts";
import { SmallStore } from "./small_store.ts";

const script = fileURLToPath(new URL("plan.ts", import.meta.url));

/** Seconds between two faults at most, where something is made; all goes on before the next one comes. */
const longestPeace = 3;
/** Seconds after which the next one comes also where nothing was made. */
const patienceOfFaults = 12;
/** Seconds between two questions for the plan's state. */
const interval = 3;
/** Minutes after which a plan that is not done counts as lost. */
const patience = 15;
/** The plan has 11 points, and 19 shards of each. */
const shardsOfAll = 209;

const chaos = command(
  "chaos",
  "Start SLURM on this machine, run 209 shards of a small plan under random faults, and compare with a run without any.",
)
  .option("--seed <n>", "seed of the faults", positiveInteger, 1)
  .option("--minutes <n>", "go on with new plans for so long; one at least", positiveInteger, 1)
  .action(async ({ seed, minutes }) => {
    const missing = await missingPrograms();
    if (missing.length > 0) {
      const lack = `There is no SLURM here: ${missing.join(", ")} ${
        missing.length === 1 ? "is" : "are"
      } missing (Debian's packages slurm-wlm and munge).`;
      if (/\bslurm\b/.test(Deno.env.get("ARMATURE_REQUIRE") ?? "")) throw new Error(lack);
      console.log(`Skipped. ${lack}`);
      return;
    }
    const folder = await Deno.makeTempDir({ prefix: "chaos-" });
    const until = performance.now() + 60_000 * minutes;
    try {
      const undisturbed = join(folder, "undisturbed");
      await runPlan(["--store", undisturbed]);
      for (let round = 0; round === 0 || performance.now() < until; round++) {
        await survive(join(folder, `${round}`), undisturbed, seed, round);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

/** Takes one plan through the faults. @throws {Error} if anything is missing, replaced or different. */
async function survive(
  folder: string,
  undisturbed: string,
  seed: number,
  round: number,
): Promise<void> {
  const began = performance.now();
  await Deno.mkdir(folder);
  await using cluster = await SlurmCluster.start(folder, { cores: 2 });
  await using store = await SmallStore.open(join(folder, "store"), 96);
  const results = join(store.path, "stages");
  const random = new Random(seed, "chaos", round);
  const submit = ["--store", results, "--shards", "19", "--on", "slurm", "--max-jobs", "110"];
  let said = "";
  const ask = async () => {
    said = await runPlan(submit, cluster.env).catch((error) => (error as Error).message);
  };
  const counts: Record<string, number> = {};
  const seen = new Map<string, string>();
  const peace = new AbortController();
  const disturbed = disturb(
    { cluster, store, random, ask },
    counts,
    () => seen.size,
    peace.signal,
  );
  try {
    await Promise.all([ask(), ask()]);
    for (;;) {
      await delay(1000 * interval);
      await ask();
      await compareTimes(results, seen);
      if (said === "") break;
      if (performance.now() - began > 60_000 * patience) {
        throw new Error(`After ${patience} minutes the plan is not done: ${said.trim()}`);
      }
    }
  } finally {
    peace.abort();
    await disturbed;
  }
  const different = await differences(undisturbed, results);
  if (different.length > 0) {
    throw new Error(
      `${different.length} files are not those of the undisturbed run: ${different[0]} …`,
    );
  }
  const shards = [...seen.keys()].filter((name) => name.startsWith("generate-shard-")).length;
  if (shards !== shardsOfAll) {
    throw new Error(`There are ${shards} shards, and there should be ${shardsOfAll}.`);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  if (!store.canBeFull) console.log("Nothing may be mounted here, so the store was never full.");
  const total = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ");
  console.log(
    `Seed ${seed}, round ${
      round + 1
    }: ${total}; all ${shards} shards are there, none was replaced, and all that was ` +
      `merged is byte for byte that of the undisturbed run; ${seconds} s.`,
  );
}

/** Faults of all kinds in turn, in an order by chance, until it is told to end. */
async function disturb(
  victims: Victims,
  counts: Record<string, number>,
  made: () => number,
  signal: AbortSignal,
): Promise<void> {
  const { random, store } = victims;
  const names = Object.keys(faults).filter((name) => name !== "full stores" || store.canBeFull);
  const peace = (seconds: number) => delay(1000 * seconds, signal).catch(() => {});
  while (!signal.aborted) {
    for (const name of random.shuffle(names)) {
      const before = made();
      await peace(longestPeace * random.uniform());
      for (let waited = 0; made() === before && waited < patienceOfFaults; waited++) await peace(1);
      if (signal.aborted) return;
      await faults[name](victims);
      counts[name] = (counts[name] ?? 0) + 1;
    }
  }
}

/** Notes what is there. @throws {Error} if something that was there is gone, or was made anew. */
async function compareTimes(results: string, seen: Map<string, string>): Promise<void> {
  const there = await finishedTimes(results);
  for (const [name, time] of seen) {
    if (there.get(name) !== time) throw new Error(`The result ${name} was there, and changed.`);
  }
  for (const [name, time] of there) seen.set(name, time);
}

/** Runs the plan's command. @returns what it prints. @throws {Error} with what it says, if it fails. */
async function runPlan(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const permissions = ["read", "write", "env", "ffi", "sys", "run"].map((name) =>
    `--allow-${name}`
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, ...args],
    // as on a node of one core
    env: { OMP_NUM_THREADS: "1", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout);
}

await runCommand(chaos);
