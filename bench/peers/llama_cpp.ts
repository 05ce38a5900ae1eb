/**
 * A peer of a benchmark: llama.cpp through `node-llama-cpp`, which is no package of this project, and so in a process of its own. A
 * round continues one prompt by a number of tokens, greedily, for a number of texts in one batch.
 */
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

/** What it is told on its command line. */
export interface LlamaCppSetting {
  /** The folder that node-llama-cpp was installed in. */
  readonly folder: string;
  /** A GGUF file. */
  readonly model: string;
  readonly prompt: number;
  readonly samples: number;
  readonly tokens: number;
  readonly threads: number;
}

/** What is used of node-llama-cpp. */
interface LlamaCpp {
  getLlama(options: Readonly<Record<string, unknown>>): Promise<{
    loadModel(options: { modelPath: string }): Promise<{
      createContext(options: Readonly<Record<string, number>>): Promise<{
        getSequence(): Sequence;
      }>;
    }>;
  }>;
}

interface Sequence {
  clearHistory(): Promise<void>;
  /** Reads tokens, and draws one after those that ask for it. */
  controlledEvaluate(
    tokens: readonly (number | readonly [number, Readonly<Record<string, unknown>>])[],
  ): Promise<readonly { readonly next: { readonly token?: number | null } }[]>;
}

const setting = JSON.parse(Deno.args[0]) as LlamaCppSetting;
const { folder, model, prompt, samples, tokens, threads } = setting;
const installed = join(folder, "node_modules", "node-llama-cpp");
const { version } = JSON.parse(await Deno.readTextFile(join(installed, "package.json")));
const { getLlama } = await import(
  pathToFileURL(join(installed, "dist", "index.js")).href
) as LlamaCpp;
const llama = await getLlama({
  gpu: false,
  build: "never",
  maxThreads: threads,
  logLevel: "error",
});
const loaded = await llama.loadModel({ modelPath: model });
// the size is that of one text
const contextSize = prompt + tokens;
const context = await loaded.createContext({ sequences: samples, contextSize, threads });
const sequences = Array.from({ length: samples }, () => context.getSequence());
const ids = Array.from({ length: prompt }, (_, i) => i + 1);

/** The token that comes after these. */
async function next(sequence: Sequence, read: readonly number[]): Promise<number> {
  const [last] = read.slice(-1);
  const drawing = { generateNext: { token: true, options: { temperature: 0 } } };
  const drawn = await sequence.controlledEvaluate([...read.slice(0, -1), [last, drawing]]);
  return drawn.at(-1)!.next.token!;
}

// in step with each other: left alone, texts part, and are read one after the other in place of in one batch
async function round(): Promise<void> {
  await Promise.all(sequences.map((sequence) => sequence.clearHistory()));
  let read = sequences.map(() => ids);
  for (let written = 0; written < tokens; written++) {
    const drawn = await Promise.all(sequences.map((each, i) => next(each, read[i])));
    read = drawn.map((token) => [token]);
  }
}

await round();
console.log(JSON.stringify({ "node-llama-cpp": version, threads }));
for await (const _ of createInterface({ input: process.stdin })) {
  const began = performance.now();
  await round();
  console.log(JSON.stringify(performance.now() - began));
}
