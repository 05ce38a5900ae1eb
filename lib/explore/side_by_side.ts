import { type GenerateOptions, generateSteps } from "../decode/generate.ts";
import { TextWriter } from "../decode/text_writer.ts";
import { tokenTrace } from "../decode/token_trace.ts";
import { visible } from "../notebook/visible.ts";
import type { Explored } from "./explored.ts";
import type { ExplorerEvent, ShownToken, Side } from "./explorer_event.ts";
import type { ExplorerRequest } from "./explorer_request.ts";
import { shownToken } from "./shown_token.ts";
import { withStrengths } from "./strengths.ts";

/**
 * Continues a prompt twice with the same random numbers, steered and unsteered, token by token in turns. Both go
 * through the same graph, the unsteered text with β = 0, so that its tokens are rated as well. Leaving the loop ends
 * both.
 *
 * @param ids the prompt's tokens.
 */
export async function* sideBySide(
  explored: Explored,
  { prompt, betas, k, temperature, seed, tokens }: ExplorerRequest,
  ids: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<ExplorerEvent, void, undefined> {
  yield { kind: "prompt", text: visible(prompt) };
  const steersAtAll = betas.some((beta) => beta > 0);
  // what is not steered by is still to be seen
  const rated = withStrengths(explored.guides, steersAtAll ? betas : betas.map(() => 1));
  const common = { k, temperature, seed, maxTokens: tokens, samples: 1, stepsPerRun: 1, signal };
  const side = (side: Side, betas: readonly number[]) =>
    written(side, explored, ids, rated, {
      ...common,
      guides: withStrengths(explored.guides, betas),
    });
  yield* inTurns([side("steered", betas), side("unsteered", betas.map(() => 0))]);
}

/** @param rated the guides by whose strengths rewards are shown. */
async function* written(
  side: Side,
  { base, tokenizer }: Explored,
  prompt: readonly number[],
  rated: GenerateOptions["guides"],
  options: GenerateOptions,
): AsyncGenerator<ExplorerEvent, void, undefined> {
  const { temperature, signal } = options;
  const writer = new TextWriter(tokenizer);
  /** Tokens that were not given out. */
  let waiting: ShownToken[] = [];
  let steps = 0;
  let first = 0;
  let spent = 0;
  let since = performance.now();
  const piece = (text: string, isEnd = false): ExplorerEvent => {
    const tokens = waiting;
    waiting = [];
    return { kind: "piece", side, text: visible(text), tokens, isEnd };
  };
  for await (const step of generateSteps(base, [prompt], options)) {
    spent += performance.now() - since;
    if (++steps === 1) first = spent;
    const [token] = step.tokens;
    const isEnd = token === base.endOfText;
    if (isEnd && waiting.length > 0) yield piece(writer.rest());
    waiting.push(shownToken(tokenTrace(step, 0, tokenizer, { guides: rated, temperature })));
    const text = isEnd ? "" : writer.add(token);
    if (isEnd || text !== "") yield piece(text, isEnd);
    since = performance.now();
  }
  if (signal?.aborted) return;
  if (waiting.length > 0) yield piece(writer.rest());
  const rate = steps > 1 ? 1000 * (steps - 1) / (spent - first) : undefined;
  yield { kind: "end", side, tokens: steps, rate };
}

/** Takes one of each in turns until none has more. */
async function* inTurns<T>(
  sources: readonly AsyncGenerator<T, void, undefined>[],
): AsyncGenerator<T, void, undefined> {
  const going = new Set(sources);
  try {
    while (going.size > 0) {
      for (const source of [...going]) {
        const { done, value } = await source.next();
        if (done) going.delete(source);
        else yield value;
      }
    }
  } finally {
    for (const source of going) await source.return();
  }
}
