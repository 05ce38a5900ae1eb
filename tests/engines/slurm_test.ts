import assert from "node:assert/strict";
import { slurm, type SlurmSettings } from "../../lib/engines/slurm.ts";

Deno.test("SLURM is asked for an array behind what it needs, each task of which makes its line of the list", () => {
  const script = slurm({
    partition: "gpu",
    gpus: 1,
    time: "4:00:00",
    sbatch: ["mem=32G"],
  }).script({
    name: "one",
    tasks: 3,
    list: "/store/it's here/one.list",
    logs: "/store/logs",
    command: ["/opt/armature", "reproduce", "all", "--store", "a b"],
    after: [{ id: "7" }, { id: "8", task: 4 }],
    onDevice: true,
  });
  assert.equal(
    script,
    `#!/bin/sh
#SBATCH --job-name=armature-one
#SBATCH --array=0-2
#SBATCH --dependency=afterok:7:8_4
#SBATCH --kill-on-invalid-dep=yes
#SBATCH --partition=gpu
#SBATCH --gpus=1
#SBATCH --time=4:00:00
#SBATCH --chdir=${Deno.cwd()}
#SBATCH --output=/dev/null
#SBATCH --requeue
#SBATCH --mem=32G
# what the hub has was fetched before, and a branch may have moved on since
export HF_HUB_OFFLINE=1
exec >> /store/logs/one-"$SLURM_ARRAY_TASK_ID".log 2>&1
export OMP_NUM_THREADS="\${SLURM_CPUS_PER_TASK:-1}"
exec /opt/armature reproduce all --store 'a b' --stage $(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" '/store/it'\\''s here/one.list')
`,
  );
});

Deno.test("a job that computes on no device asks for none, in a partition of its own where there is one", () => {
  const job = { name: "one", tasks: 1, list: "l", logs: "logs", command: ["x"], after: [] };
  const asked = (settings: SlurmSettings, onDevice: boolean) =>
    slurm(settings).script({ ...job, onDevice }).split("\n")
      .filter((line) => /--(partition|gpus)=/.test(line)).map((line) => line.slice(10));
  const gpus = { partition: "gpu", gpus: 1 };
  assert.deepEqual(asked(gpus, false), ["partition=gpu"]);
  assert.deepEqual(asked({ ...gpus, cpuPartition: "cpu" }, false), ["partition=cpu"]);
  assert.deepEqual(asked({ ...gpus, cpuPartition: "cpu" }, true), ["partition=gpu", "gpus=1"]);
});

Deno.test("a folder whose name has blanks and quotation marks is named so that sbatch reads it", () => {
  const { cwd } = Deno;
  Deno.cwd = () => `/a b's "c" #d\\e`;
  try {
    const job = { name: "one", tasks: 1, list: "l", logs: "logs", command: ["x"], after: [] };
    const script = slurm({}).script({ ...job, onDevice: false });
    assert.match(script, /^#SBATCH --chdir="\/a b's \\"c\\" #d\\\\e"$/m);
  } finally {
    Deno.cwd = cwd;
  }
});
