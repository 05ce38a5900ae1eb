import { generateTexts } from "../../lib/decode/generate_texts.ts";
import type { BenchServer } from "./bench_server.ts";
import type { Behaviour, ClientAnswer, ClientRequest } from "./client_request.ts";
import { runClients } from "./run_clients.ts";

/** How much there is to do. */
export interface LoadSettings {
  readonly clients: number;
  readonly requests: number;
  /** Is told how many were answered. */
  readonly progress: (answered: number) => void;
}

/** What came of it. */
export interface Load {
  /** Answers by behaviour and status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Answers with another text than generating gives for the same seed. */
  readonly wrong: number;
  /** Seconds that the longest took. */
  readonly longest: number;
  readonly seconds: number;
  /** Bytes in use after each tenth of the requests. */
  readonly resident: readonly number[];
  /** The most of the last half as a share of the most of the tenths from the second to the fifth, less 1. */
  readonly growth: number;
}

/** What clients do, in turn: half of them are patient. */
const behaviours: readonly Behaviour[] = [
  ...[
    "patient",
    "streaming",
    "patient",
    "slow",
    "patient",
    "leaving",
    "patient",
    "garbage",
  ] as const,
];

/** Different texts that are asked for. */
const kinds = 40;

/** Sends requests of all kinds of clients, and checks every text. */
export async function load(
  { address, base, tokenizer, guides }: BenchServer,
  { clients, requests: count, progress }: LoadSettings,
): Promise<Load> {
  const asked = Array.from({ length: kinds }, (_, seed) => ({
    seed,
    prompt: `the film was ${"very ".repeat(seed % 5)}`.trim(),
    max_tokens: 4 + seed % 13,
  }));
  const [{ steering: [{ label, beta }] }] = guides;
  const right = await Promise.all(asked.map(async ({ seed, prompt, max_tokens: maxNewTokens }) => {
    const options = { seed, maxNewTokens, guides, samples: 1, traces: false, progress: false };
    return (await generateTexts(base, tokenizer, [prompt], options)).texts[0].continuations[0];
  }));
  const requests = Array.from({ length: count }, (_, i): ClientRequest => {
    const behaviour = behaviours[i % behaviours.length];
    const streams = behaviour === "patient"
      ? {}
      : { stream: true, stream_options: { include_usage: true } };
    return { behaviour, body: { ...asked[i % kinds], guides: [{ label, beta }], ...streams } };
  });
  const isWrong = ({ request, status, text = "" }: ClientAnswer) => {
    const expected = right[request % kinds];
    const { behaviour } = requests[request];
    if (status === 429 || behaviour === "garbage") return false;
    return behaviour === "leaving" ? !expected.startsWith(text) : text !== expected;
  };
  // nothing of an answer is kept, so that what grows is the server
  const answers = new Map<string, number>();
  const resident: number[] = [];
  let [answered, wrong, longest] = [0, 0, 0];
  const began = performance.now();
  await runClients({ address, clients, requests }, (answer) => {
    const kind = `${requests[answer.request].behaviour} ${answer.status}`;
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
    if (isWrong(answer)) wrong++;
    longest = Math.max(longest, (answer.ended - answer.began) / 1000);
    progress(++answered);
    if (answered % Math.floor(count / 10) === 0) resident.push(Deno.memoryUsage().rss);
  });
  return {
    answers: Object.fromEntries([...answers].toSorted()),
    ...{ wrong, longest, resident },
    seconds: (performance.now() - began) / 1000,
    growth: Math.max(...resident.slice(5)) / Math.max(...resident.slice(1, 5)) - 1,
  };
}
