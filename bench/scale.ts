import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { finishedTimes } from "../tests/chaos/results.ts";
import { missingPrograms, SlurmCluster } from "../tests/chaos/slurm_cluster.ts";
import { delay } from "../lib/delay.ts";
import { command, positiveInteger, runCommand } from "../lib/cli/command.ts";
import { mean } from "../lib/eval/mean.ts";

const script = fileURLToPath(new URL("../tests/chaos/plan.ts", import.meta.url));

/** What a command took. */
interface Taken {
  readonly seconds: number;
  /** Of its memory, at most. */
  readonly megabytes: number;
  readonly stdout: string;
}

const scale = command(
  "bench:scale",
  "On a SLURM of its own: the throughput of two nodes against one, and what submitting 10,000 stages takes.",
)
  .option("--rounds <n>", "how often one node and two are measured, in turns", positiveInteger, 2)
  .action(async ({ rounds }) => {
    const missing = await missingPrograms();
    if (missing.length > 0) throw new Error(`There is no SLURM here: ${missing.join(", ")}.`);
    const rates: Record<1 | 2, number[]> = { 1: [], 2: [] };
    for (let round = 0; round < rounds; round++) {
      for (const nodes of [1, 2] as const) {
        const rate = await inCluster(nodes, (store, env) => shardsPerSecond(store, env));
        console.log(
          `${nodes} node${nodes > 1 ? "s" : ""} of one core: ${rate.toFixed(2)} shards/s`,
        );
        rates[nodes].push(rate);
      }
    }
    console.log(`Two do ${(mean(rates[2]) / mean(rates[1])).toFixed(2)} × what one does.`);
    await inCluster(1, async (store, env) => {
      const many = ["--store", store, "--prompts", "9100", "--shards", "910", "--on", "slurm"];
      for (const what of ["Submitting", "Asking for the state of"]) {
        const { seconds, megabytes, stdout } = await timed(many, env);
        console.log(
          `${what} 10,000 stages: ${seconds.toFixed(1)} s, ${megabytes} MB (${
            stdout.split("\n")[0]
          })`,
        );
      }
    });
  });

/** Does something with a cluster of its own, and an empty store. */
async function inCluster<Result>(
  nodes: number,
  act: (store: string, env: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "scale-" });
  try {
    await using cluster = await SlurmCluster.start(folder, { nodes });
    return await act(join(folder, "stages"), cluster.env);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** How many shards of a plan are made a second, from the first to the last. */
async function shardsPerSecond(store: string, env: Record<string, string>): Promise<number> {
  const plan = ["--prompts", "1900", "--shards", "19", "--on", "slurm", "--max-jobs", "24"];
  while ((await timed(["--store", store, ...plan], env)).stdout !== "") await delay(2000);
  const shards = [...await finishedTimes(store)].filter(([name]) => name.includes("-shard-"));
  const times = shards.map(([, time]) => Date.parse(time) / 1000);
  return (times.length - 1) / (Math.max(...times) - Math.min(...times));
}

async function timed(args: readonly string[], env: Record<string, string>): Promise<Taken> {
  const permissions = ["read", "write", "env", "ffi", "sys", "run"].map((name) =>
    `--allow-${name}`
  );
  const began = performance.now();
  const { success, stdout, stderr } = await new Deno.Command("/usr/bin/time", {
    args: [
      ...["--format", "%M", Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...permissions,
      script,
      ...args,
    ],
    env,
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(said);
  return {
    seconds: (performance.now() - began) / 1000,
    megabytes: Math.ceil(Number(said.split("\n").at(-1)) / 1024),
    stdout: new TextDecoder().decode(stdout),
  };
}

await runCommand(scale);
