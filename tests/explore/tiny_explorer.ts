import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { openBaseModel } from "../../lib/decode/gpt2_base.ts";
import type { Explored } from "../../lib/explore/explored.ts";
import type { ExplorerEvent, Side } from "../../lib/explore/explorer_event.ts";
import { serveExplorer } from "../../lib/explore/serve_explorer.ts";
import { openRewardModel } from "../../lib/reward/open_reward_model.ts";
import { writeTinyModels } from "../cli/tiny_inputs.ts";
import { cpu } from "../run_graph.ts";

/** The models of this process, trained once. */
let written: Promise<{ base: string; arm: string }> | undefined;

function tinyModels(): Promise<{ base: string; arm: string }> {
  const folder = Deno.makeTempDirSync();
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return writeTinyModels(folder);
}

/**
 * Runs `test` with tiny models that have a tokenizer of bytes. They have hardly learnt anything, so that they write any
 * bytes at all, and rewards differ little: β goes up to 1000.
 */
export async function withExplored(test: (explored: Explored) => Promise<void>): Promise<void> {
  const { base: path, arm } = await (written ??= tinyModels());
  await using base = await openBaseModel(path, cpu);
  await using model = await openRewardModel(arm, cpu);
  const guides = [{ name: "arm", model, steering: [{ label: "positive", beta: 500 }] }];
  await test({ base, tokenizer: await loadTokenizer(path), baseName: "base", guides });
}

/** Runs `test` with the address of an explorer of such models. */
export async function withExplorer(
  test: (address: string, explored: Explored) => Promise<void>,
): Promise<void> {
  await withExplored(async (explored) => {
    await using served = serveExplorer(explored, { port: 0 });
    await test(served.address, explored);
  });
}

/** What a page asks for, if the test does not say otherwise. */
export const usual = {
  page: "page",
  prompt: "the film was",
  betas: [500],
  k: 20,
  temperature: 1,
  seed: 3,
  tokens: 12,
};

/** Asks an explorer for continuations, as its page does. */
export async function ask(
  address: string,
  changes: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(`${address}continuations`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ ...usual, ...changes }),
  });
}

/** All that an answer says. */
export async function eventsOf(answer: Response): Promise<ExplorerEvent[]> {
  return (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
}

type Piece = Extract<ExplorerEvent, { kind: "piece" }>;

/** The pieces of one text. */
export function piecesOf(events: readonly ExplorerEvent[], side: Side): Piece[] {
  return events.filter((event) => event.kind === "piece" && event.side === side) as Piece[];
}

/** One text, put together. */
export function textOf(events: readonly ExplorerEvent[], side: Side): string {
  return piecesOf(events, side).map(({ text }) => text).join("");
}
