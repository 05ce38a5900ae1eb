import { join } from "node:path";
import { delay } from "../../lib/delay.ts";

/** The programs of Debian's packages `slurm-wlm` and `munge`. */
const programs = [
  "slurmctld",
  "slurmd",
  "munged",
  "sbatch",
  "squeue",
  "scontrol",
  "scancel",
  "sinfo",
] as const;

/** Those programs that this machine lacks. */
export async function missingPrograms(): Promise<string[]> {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  const isThere = async (program: string) => {
    const found = folders.map((folder) =>
      Deno.stat(join(folder, program)).then(() => true, () => false)
    );
    return (await Promise.all(found)).includes(true);
  };
  const there = await Promise.all(programs.map(isThere));
  return programs.filter((_, i) => !there[i]);
}

/** A whole SLURM on this machine, in a folder of its own: a controller, and nodes that are processes, with so many cores each. */
export class SlurmCluster implements AsyncDisposable {
  readonly nodes: readonly string[];
  readonly #folder: string;
  readonly #running = new Map<string, Deno.ChildProcess>();

  private constructor(folder: string, nodes: readonly string[]) {
    this.#folder = folder;
    this.nodes = nodes;
  }

  /**
   * Starts it, and waits until all nodes take jobs.
   *
   * @param folder an empty folder with a short path, since it holds a socket.
   * @throws {Error} if it does not come up in a minute.
   */
  static async start(
    folder: string,
    { nodes = 2, cores = 1, port = 16_817 }: { nodes?: number; cores?: number; port?: number } = {},
  ): Promise<SlurmCluster> {
    const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    const cluster = new SlurmCluster(folder, names);
    try {
      await cluster.#configure(port, cores);
      const key = crypto.getRandomValues(new Uint8Array(128));
      await Deno.writeFile(join(folder, "munge.key"), key, { mode: 0o400 });
      const munge = ["key-file=munge.key", "socket=munge.socket", "pid-file=munge.pid"];
      const files = [...munge, "log-file=munge.log", "seed-file=munge.seed"]
        .map((file) => `--${file.replace("=", `=${folder}/`)}`);
      cluster.#start("munged", "munged", ["--foreground", "--force", ...files]);
      await cluster.startController();
      for (const name of names) cluster.startNode(name);
      await cluster.#untilUp();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What SLURM's commands need in their environment. */
  get env(): Record<string, string> {
    return { SLURM_CONF: join(this.#folder, "slurm.conf") };
  }

  startController(): void {
    this.#start("slurmctld", "slurmctld", ["-D", "-i"]);
  }

  startNode(name: string): void {
    this.#start(name, "slurmd", ["-D", "-N", name]);
  }

  /** Kills the controller, or a node's daemon. */
  async kill(name: string, signal: Deno.Signal = "SIGKILL"): Promise<void> {
    const child = this.#running.get(name);
    if (!child) return;
    try {
      child.kill(signal);
    } catch {
      // it has ended by itself
    }
    await child.status;
    this.#running.delete(name);
  }

  /** Lets all nodes take jobs again, whatever SLURM thinks of them, as soon as the controller answers. */
  async resume(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      if (await this.ask("sinfo", ["--noheader"]) !== "") break;
      await delay(500);
    }
    // they report anew
    await this.ask("scontrol", ["reconfigure"]);
    for (const name of this.nodes) {
      await this.ask("scontrol", ["update", `nodename=${name}`, "state=resume"]);
    }
  }

  /** Runs one of SLURM's commands. @returns what it prints, nothing where it fails. */
  async ask(program: string, args: readonly string[]): Promise<string> {
    const { stdout } = await new Deno.Command(program, {
      args: [...args],
      env: this.env,
      stdin: "null",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  }

  /** Ends all jobs, and all daemons. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.ask("scancel", ["--me"]);
    for (const name of [...this.nodes, "slurmctld", "munged"]) await this.kill(name, "SIGTERM");
  }

  async #configure(port: number, cores: number): Promise<void> {
    const folder = this.#folder;
    for (const name of ["state", "log", ...this.nodes.map((node) => `spool-${node}`)]) {
      await Deno.mkdir(join(folder, name));
    }
    const host = Deno.hostname();
    const lines = [
      "ClusterName=chaos",
      `SlurmctldHost=${host}(127.0.0.1)`,
      `SlurmctldPort=${port}`,
      "SlurmUser=root",
      "AuthType=auth/munge",
      // what is requeued waits for so many seconds
      `AuthInfo=socket=${folder}/munge.socket,cred_expire=5`,
      `StateSaveLocation=${folder}/state`,
      `SlurmdSpoolDir=${folder}/spool-%n`,
      `SlurmctldPidFile=${folder}/slurmctld.pid`,
      `SlurmdPidFile=${folder}/slurmd-%n.pid`,
      `SlurmctldLogFile=${folder}/log/slurmctld.log`,
      `SlurmdLogFile=${folder}/log/slurmd-%n.log`,
      "ProctrackType=proctrack/linuxproc",
      "TaskPlugin=task/none",
      "SelectType=select/cons_tres",
      "SelectTypeParameters=CR_CPU",
      "SchedulerType=sched/builtin",
      "SchedulerParameters=batch_sched_delay=0,sched_interval=1,default_queue_depth=1000",
      "AccountingStorageType=accounting_storage/none",
      "JobAcctGatherType=jobacct_gather/none",
      "MpiDefault=none",
      "ReturnToService=2",
      "SlurmctldTimeout=5",
      "SlurmdTimeout=5",
      "KillWait=2",
      "MessageTimeout=5",
      "MaxArraySize=10001",
      "MaxJobCount=50000",
      ...this.nodes.map((node, i) =>
        `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${
          port + 1 + i
        } CPUs=${cores}`
      ),
      "PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    ];
    await Deno.writeTextFile(join(folder, "slurm.conf"), lines.join("\n") + "\n");
  }

  #start(name: string, program: string, args: readonly string[]): void {
    const child = new Deno.Command(program, {
      args: [...args],
      env: { ...this.env, PATH: `${Deno.env.get("PATH")}:/usr/sbin` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#running.set(name, child);
  }

  async #untilUp(): Promise<void> {
    for (let tries = 0; tries < 120; tries++) {
      const states = (await this.ask("sinfo", ["--noheader", "--Node", "--format=%T"]))
        .trim().split("\n");
      if (states.length === this.nodes.length && states.every((state) => state === "idle")) return;
      await delay(500);
    }
    throw new Error(`SLURM did not come up: its logs are in '${this.#folder}/log'.`);
  }
}
