import type { OptionTable } from "../options/option.ts";
import { engineNames } from "./submit_results.ts";

/** How the stages of an experiment are spread over processes. */
export const scaleOptions = {
  jobs: {
    type: "integer",
    min: 1,
    default: 1,
    help: "stages that are made side by side on this machine, which share its threads",
  },
  shards: {
    type: "integer",
    min: 1,
    default: 1,
    help:
      "into how many pieces generating and judging are cut, by prompts; results have the same bytes however many",
  },
  stage: {
    type: "list",
    of: { type: "text" },
    placeholder: "key",
    help:
      "make only the stages of these keys, whose needs are there: what jobs do; - reads keys from standard input",
  },
  on: {
    type: "choice",
    of: engineNames,
    placeholder: "name",
    help:
      "submit stages as jobs with their dependencies to a cluster that shares this folder; asked again, tell how they stand, and " +
      "submit what failed",
  },
  partition: { type: "text", placeholder: "name", help: "the cluster's partition" },
  cpuPartition: {
    type: "text",
    placeholder: "name",
    defaultHelp: "as --partition",
    help: "that of jobs that compute on no device, such as those that merge or compare",
  },
  account: { type: "text", placeholder: "name", help: "who pays for the jobs" },
  gpus: {
    type: "integer",
    min: 1,
    placeholder: "n",
    help: "GPUs of each job that computes on the device; the others ask for none",
  },
  time: {
    type: "text",
    placeholder: "h:mm:ss",
    defaultHelp: "the partition's",
    help: "the longest that a job may take",
  },
  sbatch: {
    type: "list",
    of: { type: "text" },
    placeholder: "name=value",
    help: "anything else that SLURM is asked for, such as mem=32G cpus-per-task=8",
  },
  maxJobs: {
    type: "integer",
    min: 1,
    placeholder: "n",
    help: "most jobs that are submitted, roughly; a job makes several stages where there are more",
  },
} as const satisfies OptionTable;

/** Those that go with `--on`. */
export const clusterOptions = [
  "partition",
  "cpuPartition",
  "account",
  "gpus",
  "time",
  "sbatch",
  "maxJobs",
] as const;
