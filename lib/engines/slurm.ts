import type { Engine, Job, JobOrTask, QueuedTask } from "./engine.ts";

/** What a job asks SLURM for. */
export interface SlurmSettings {
  readonly partition?: string;
  /** That of jobs whose stages compute on no device. Default: as all others. */
  readonly cpuPartition?: string;
  readonly account?: string;
  /** GPUs of a task whose stages compute on the device. */
  readonly gpus?: number;
  /** The longest that a task may take, as SLURM writes it: `4:00:00`. */
  readonly time?: string;
  /** Anything else, without dashes: `mem=32G`. */
  readonly sbatch?: readonly string[];
}

/** The beginning of our jobs' names. */
const prefix = "armature-";

/** SLURM's largest array where it does not say. */
const usualTasks = 1001;

/** What SLURM says of a task that it could not start, and holds. */
const stuck = /launch.failed.requeued.held/i;

/** SLURM, by its own commands: jobs are arrays, and nothing is needed of it but that and the shared files. */
export function slurm(settings: SlurmSettings): Engine {
  return {
    name: "slurm",
    usualTasks,

    async isHere() {
      // it may be installed and belong to no cluster
      return await ask("sbatch", ["--version"]).then(() => true, () => false);
    },

    async mostTasks() {
      const said = await ask("scontrol", ["show", "config"]);
      return Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(said)?.[1] ?? usualTasks);
    },

    async queued() {
      const format = "%F|%K|%j|%T|%r";
      const said = await ask("squeue", ["--me", "--array", "--noheader", `--format=${format}`]);
      return said.split("\n").flatMap((line): QueuedTask[] => {
        const [id, task, name, state, reason] = line.split("|");
        if (!name?.startsWith(prefix)) return [];
        return [{
          job: name.slice(prefix.length),
          id,
          task: Number(task),
          isRunning: state !== "PENDING",
          isStuck: state === "PENDING" && stuck.test(reason),
        }];
      });
    },

    script: (job) => scriptOf(job, settings),

    async submit(script) {
      const said = await ask("sbatch", ["--parsable"], script);
      return said.trim().split(";")[0];
    },

    async release(tasks) {
      await ask("scontrol", ["release", tasks.map(idOf).join(",")]);
    },
  };
}

function idOf({ id, task }: JobOrTask): string {
  return task === undefined ? id : `${id}_${task}`;
}

function scriptOf(
  { name, tasks, list, logs, command, after, onDevice }: Job,
  { partition, cpuPartition = partition, account, gpus, time, sbatch = [] }: SlurmSettings,
): string {
  const own = onDevice ? { partition, gpus } : { partition: cpuPartition, gpus: undefined };
  const asked = [
    `job-name=${prefix}${name}`,
    `array=0-${tasks - 1}`,
    ...(after.length > 0
      ? [`dependency=afterok:${after.map(idOf).join(":")}`, "kill-on-invalid-dep=yes"]
      : []),
    ...(own.partition === undefined ? [] : [`partition=${own.partition}`]),
    ...(account === undefined ? [] : [`account=${account}`]),
    ...(own.gpus === undefined ? [] : [`gpus=${own.gpus}`]),
    ...(time === undefined ? [] : [`time=${time}`]),
    `chdir=${directive(Deno.cwd())}`,
    "output=/dev/null",
    "requeue",
    ...sbatch,
  ];
  return `#!/bin/sh
${asked.map((option) => `#SBATCH --${option}`).join("\n")}
# what the hub has was fetched before, and a branch may have moved on since
export HF_HUB_OFFLINE=1
exec >> ${quoted(logs)}/${name}-"$SLURM_ARRAY_TASK_ID".log 2>&1
export OMP_NUM_THREADS="\${SLURM_CPUS_PER_TASK:-1}"
exec ${command.map(quoted).join(" ")} --stage $(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${
    quoted(list)
  })
`;
}

/** Words that mean themselves everywhere. */
const plain = /^[\w@%+=:,./-]+$/;

/** A word as sbatch reads it in a script. */
function directive(word: string): string {
  return plain.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`;
}

/** A word as a shell reads it. */
function quoted(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs one of SLURM's commands. @returns what it prints. @throws {Error} with its own words, if it fails. */
async function ask(program: string, args: readonly string[], input = ""): Promise<string> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (cause) {
    throw new Error(
      `Cannot run '${program}': use --on slurm on a machine of the cluster that submits jobs.`,
      { cause },
    );
  }
  const output = child.output();
  const writer = child.stdin.getWriter();
  // it may end without reading
  await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await output;
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  const said = text.decode(stderr).trim().split("\n").at(-1);
  throw new Error(`SLURM's ${program} says '${said}'; what was submitted before stays so.`);
}
