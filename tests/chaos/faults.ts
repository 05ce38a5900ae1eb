import { delay } from "../../lib/delay.ts";
import type { Random } from "../../lib/random.ts";
import type { SlurmCluster } from "./slurm_cluster.ts";
import type { SmallStore } from "./small_store.ts";

/** What faults are done to. */
export interface Victims {
  readonly cluster: SlurmCluster;
  readonly store: SmallStore;
  readonly random: Random;
  /** Asks for the plan's state as a user does, who submits what is missing; it may fail. */
  readonly ask: () => Promise<void>;
}

/** What can go wrong, by what the summary calls it; each resolves when it is over. */
export const faults: Readonly<Record<string, (victims: Victims) => Promise<void>>> = {
  async "processes killed"({ store, random }) {
    const processes = await stageProcesses(store.path);
    if (processes.length === 0) return;
    kill(processes[random.integer(processes.length)]);
  },
  async "jobs cancelled"({ cluster, random }) {
    const job = await runningJob(cluster, random);
    if (job) await cluster.ask("scancel", [job]);
  },
  async "jobs requeued"({ cluster, random }) {
    const job = await runningJob(cluster, random);
    if (job) await cluster.ask("scontrol", ["requeue", job]);
  },
  async "nodes lost"({ cluster, store, random }) {
    const node = cluster.nodes[random.integer(cluster.nodes.length)];
    await cluster.kill(node);
    // as if the machine had gone: its jobs' processes with it
    for (const process of await stageProcesses(store.path, node)) kill(process);
    await delay(1000 + 6000 * random.uniform());
    cluster.startNode(node);
    await delay(500);
    await cluster.resume();
  },
  async "controllers restarted"({ cluster, random }) {
    await cluster.kill("slurmctld", "SIGTERM");
    await delay(3000 * random.uniform());
    cluster.startController();
    await cluster.resume();
  },
  async "full stores"({ store, random }) {
    await store.fill();
    await delay(1000 + 3000 * random.uniform());
    await store.empty();
  },
  async "submissions at once"({ ask }) {
    await Promise.all([ask(), ask()]);
  },
};

/** A task that runs, as SLURM's commands call it. */
async function runningJob(cluster: SlurmCluster, random: Random): Promise<string | undefined> {
  const said = await cluster.ask("squeue", ["--noheader", "--states=RUNNING", "--format=%i"]);
  const jobs = said.trim().split("\n").filter((job) => job !== "");
  return jobs[random.integer(Math.max(1, jobs.length))];
}

/** Ids of the processes that make stages of a store, of one node or of all. */
async function stageProcesses(store: string, node?: string): Promise<number[]> {
  // "e": the environment stands behind the arguments
  const { stdout } = await new Deno.Command("ps", { args: ["axeww", "-o", "pid=", "-o", "args="] })
    .output();
  return new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const [id, ...words] = line.trim().split(/\s+/);
    const isOfStore = words.includes("--stage") && words.some((word) => word.startsWith(store));
    const isOfNode = node === undefined || words.includes(`SLURMD_NODENAME=${node}`);
    return isOfStore && isOfNode ? [Number(id)] : [];
  });
}

function kill(process: number): void {
  try {
    Deno.kill(process, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
