import { join } from "node:path";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import { planExperiments } from "../../lib/experiments/experiments.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";
import { trainRewardModel } from "../../lib/methods/train_reward_model.ts";
import { inOrder } from "../../lib/stages/stage.ts";
import { wheelFiles } from "../cli/small_wheel.ts";
import { writeTinyModels, writeTinyTexts } from "../cli/tiny_inputs.ts";
import { writeTinyClassifier } from "../eval/scorers/tiny_classifier.ts";
import { cpu } from "../run_graph.ts";
import { ggufBytes } from "../weights/gguf/gguf_bytes.ts";
import { smallMetadata, smallModel } from "../weights/gguf/small_gguf.ts";

/** Writes what the commands read into a folder. */
export async function writeInputs(folder: string): Promise<void> {
  await writeTinyModels(folder, { labelNames: ["positive"] });
  await writeTinyTexts(folder);
  const corpus = sampleWorldCorpus({ seed: 1, texts: 20 });
  const { texts, positive: labels } = corpus;
  const data = { texts, labels, labelNames: ["positive"], skipped: 0 };
  const onTrunk = { kind: "arm", base: join(folder, "base"), trunk: 1, maxSteps: 1 } as const;
  await trainRewardModel(data, cpu, { ...onTrunk, out: join(folder, "on-trunk") });
  for (const [path, content] of Object.entries(wheelFiles())) {
    await Deno.mkdir(join(folder, "site-packages", path, ".."), { recursive: true });
    await Deno.writeFile(join(folder, "site-packages", path), content);
  }
  const { tensors } = smallModel("llama");
  await Deno.writeFile(join(folder, "small.gguf"), ggufBytes(smallMetadata("llama"), tensors));
  await Deno.mkdir(join(folder, "answer"));
  await Deno.writeTextFile(join(folder, "answer", "answer.json"), "{}");
  await writeTinyClassifier(join(folder, "classifier"), { id2label: { 0: "toxic", 1: "neutral" } });
  await Deno.writeTextFile(
    join(folder, "generations.jsonl"),
    JSON.stringify({ prompt: "the film", continuations: [" was good"] }) + "\n",
  );
}

/** What a command asks for, by the word of its flag: `--allow-…`. */
export type Permission = "read" | "write" | "env" | "ffi" | "sys" | "net" | "run";

/** Words of a command, which differ where a permission is asked for on the way to something else; without none it ends well. */
type Words = string | ((without?: Permission) => string);

const onCpu = "--device cpu";
const onePrompt = "--prompt film --samples 1 --max-new-tokens 1";

/** The key of a stage that takes a moment and needs no other. */
function smallStage(): string {
  const { results } = planExperiments(worldProfile(), ["detox"]);
  const stages = [...inOrder(results, { name: "cpu" })];
  const [key] = stages.find(([, { kind }]) => kind === "world-prompts/1")!;
  return key;
}

/**
 * For each task a small command that needs all of its permissions, run in the folder of `writeInputs`. Where a task runs the program
 * of another one, the other's are dropped there, and here only those that it has beyond them.
 */
export const smallCommands: Readonly<Record<string, Words>> = {
  // a process of its own reads an input, but for one that is given
  fuzz: (without) =>
    without === "net" || without === "sys"
      ? "package-index --input answer"
      : "model-folder --cases 1 --out out",
  demo: `--texts 50 --prompts 1 --samples 1 --betas 0 --out out ${onCpu}`,
  train: `lm --text texts.txt --out out --width 16 --layers 1 --heads 2 --max-steps 1 ${onCpu}`,
  generate: (without) =>
    // a copy of its weights is kept in the user's cache
    `--base ${without === "sys" ? "small.gguf" : "./base"} ${onePrompt} ${onCpu} --out out.jsonl`,
  "generate:net": `--base owner/base ${onePrompt} ${onCpu}`,
  explore: `--base small.gguf --port 0 ${onCpu}`,
  serve: `--base small.gguf --port 0 ${onCpu}`,
  "serve:net": `--base ./base --port 0 ${onCpu}`,
  export: (without) =>
    `${without === "env" ? "--steered --reward ./arm" : ""} --base ./base --out out`,
  // an error is where they look at the environment
  quantize: (without) => `--model ./${without === "env" ? "none" : "base"} --out out --bits 8`,
  methods: "",
  data: (without) => without === "env" ? "describe imdb" : "describe labelled.tsv",
  score: (without) =>
    `--scorer ${
      without === "sys" ? "owner/name" : "./classifier"
    } --in generations.jsonl --out out.jsonl`,
  fetch: "model owner/name --file config.json",
  import: (without) => `--gguf ${without === "env" ? "none" : "small"}.gguf --out out`,
  cuda: (without) => `--from ${without === "env" ? "none" : "site-packages"}`,
  reproduce: (without) => {
    const what = without === "run"
      ? "--jobs 2 --out out-report"
      : without === "sys"
      ? "--profile paper --data . --scorer owner/name"
      : `--stage ${smallStage()}`;
    return `detox ${what} --store out ${onCpu}`;
  },
  merge: (without) => `--adapter ${without === "env" ? "none" : "on-trunk"} --out out`,
};

/** Why other commands are not run with all permissions of their task. */
export const notRunWithAll: Readonly<Record<string, string>> = {
  cuda: "it would put beside ONNX Runtime a provider that is none",
};

/** Why the permissions of other tasks are not dropped one by one. */
export const notDropped: Readonly<Record<string, string>> = {
  check: "it asks for none",
  test: "what all tests together need",
  "demo:pretrained": "it begins with a fetch of 100 MB",
  "score:net": "the Perspective API wants a key",
  doctor: "what it may not do is a line of its report",
  pack: "it packs all packages",
  npm: "it packs the library",
  notebooks: "Jupyter executes a notebook",
  notebook: "Jupyter executes a notebook",
  golden: "its numbers are no part of the repository",
  "reproduce:net": "an experiment takes minutes",
  chaos: "it needs SLURM",
  docs: "it reads all of the library, which takes half a minute",
  bench: "its modules ask for all that it has before they begin",
  "bench:train": "a benchmark",
  "bench:gpu": "a benchmark",
  "bench:peers": "a benchmark",
  "bench:serve": "a benchmark",
  "bench:scale": "a benchmark",
  "bench:soak": "a benchmark",
  "bench:decode": "a benchmark",
};
