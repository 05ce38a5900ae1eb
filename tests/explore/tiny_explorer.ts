import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import type { Explored } from "../../lib/explore/explored.ts";
import type { ExplorerEvent, Side } from "../../lib/explore/explorer_event.ts";
import { type ServedExplorer, serveExplorer } from "../../lib/explore/serve_explorer.ts";
import type { ServeExplorerOptions } from "../../lib/explore/serve_explorer_options.ts";
import type { Way } from "../../lib/explore/ways.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
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

/** Serves models, as a rule at a free port. */
export function serve(
  { base, tokenizer, guides, baseName }: Explored,
  options: ServeExplorerOptions = {},
): ServedExplorer {
  return serveExplorer(base, tokenizer, { guides, baseName, port: 0, ...options });
}

/**
 * Runs `test` with the address of an explorer of such models.
 *
 * @param change makes other models of them.
 */
export async function withExplorer(
  test: (address: string, explored: Explored) => Promise<void>,
  change: (explored: Explored) => Explored = (explored) => explored,
): Promise<void> {
  await withExplored(async (usual) => {
    const explored = change(usual);
    await using served = serve(explored);
    await test(served.address, explored);
  });
}

/** What a page asks for, if the test does not say otherwise. */
export const usual = {
  page: "page",
  prompt: "the film was",
  ways: [towards({})],
  topK: 20,
  temperature: 1,
  seed: 3,
  maxNewTokens: 12,
  samples: 1,
};

/** A way to steer as a page has it, by the usual model. */
export function towards(changes: Partial<Way>): Way {
  return { model: "arm", label: "positive", inverse: false, beta: 500, ...changes };
}

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
export function piecesOf(events: readonly ExplorerEvent[], side: Side, sample = 0): Piece[] {
  return events.filter((event) =>
    event.kind === "piece" && event.side === side && event.sample === sample
  ) as Piece[];
}

/** One text, put together. */
export function textOf(events: readonly ExplorerEvent[], side: Side, sample = 0): string {
  return piecesOf(events, side, sample).map(({ text }) => text).join("");
}
