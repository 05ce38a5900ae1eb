import { generate } from "../../lib/decode/generate.ts";
import { median } from "../../lib/eval/median.ts";
import { Random } from "../../lib/random.ts";
import type { ClientAnswer, ClientRequest } from "./client_request.ts";
import type { BenchServer } from "./bench_server.ts";
import { runClients } from "./run_clients.ts";

/** What is written in a round. */
export interface ThroughputSettings {
  /** Texts that are written together, and clients. */
  readonly rows: number;
  /** Texts in all. */
  readonly texts: number;
  /** Tokens of a text. */
  readonly newTokens: number;
  /** Whether clients ask for half of them to half as many more, so that texts end one by one. */
  readonly varied: boolean;
  readonly rounds: number;
  readonly signal: AbortSignal;
}

/** Tokens a second of both ways to write the same texts. */
export interface Throughput {
  readonly generate: number;
  readonly serve: number;
  /** The median over rounds of the server's share of what `generate` writes just before and after. */
  readonly ratio: number;
}

/** Writes texts in bulk and through clients, in turns: prompts of 8 to 16 tokens, all steered. */
export async function throughput(
  { address, base, guides }: BenchServer,
  { rows, texts, newTokens, varied, rounds, signal }: ThroughputSettings,
): Promise<Throughput> {
  const random = new Random(0, "prompts");
  const prompts = Array.from(
    { length: texts },
    () => Array.from({ length: 8 + random.integer(9) }, () => random.integer(1000)),
  );
  const [{ steering: [{ label, beta }] }] = guides;
  const requests = prompts.map((prompt, seed): ClientRequest => ({
    behaviour: "patient",
    body: {
      ...{ prompt, seed, guides: [{ label, beta }] },
      max_tokens: varied ? Math.ceil(newTokens / 2) + random.integer(newTokens + 1) : newTokens,
    },
  }));
  const inBulk = async () => {
    const began = performance.now();
    const { tokens } = await generate(base, prompts, {
      ...{ guides, samples: 1, batchSize: rows, maxNewTokens: newTokens, progress: false, signal },
    });
    return 1000 * tokens / (performance.now() - began);
  };
  const served = async () => {
    const answers: ClientAnswer[] = [];
    await runClients({ address, clients: rows, requests }, (answer) => answers.push(answer));
    const began = Math.min(...answers.map(({ began }) => began));
    const ended = Math.max(...answers.map(({ ended }) => ended));
    return 1000 * answers.reduce((sum, { tokens }) => sum + tokens, 0) / (ended - began);
  };
  await inBulk();
  await served();
  const bulk = [await inBulk()];
  const ratios: number[] = [];
  const all: number[] = [];
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    all.push(await served());
    bulk.push(await inBulk());
    ratios.push(all[round] / Math.sqrt(bulk[round] * bulk[round + 1]));
  }
  return { generate: median(bulk), serve: median(all), ratio: median(ratios) };
}
