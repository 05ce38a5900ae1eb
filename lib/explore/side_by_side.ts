import { stepsOf } from "../decode/generate.ts";
import {
  type GenerateOptions,
  generateOptions,
  settledGeneration,
} from "../decode/generate_options.ts";
import type { TokenizedPrompt } from "../decode/text_prompts.ts";
import { TextWriter } from "../decode/text_writer.ts";
import { tokenTrace } from "../decode/token_trace.ts";
import { visible } from "../notebook/visible.ts";
import type { Explored } from "./explored.ts";
import type { ExplorerEvent, ShownToken, Side } from "./explorer_event.ts";
import type { ExplorerRequest } from "./explorer_request.ts";
import { shownToken } from "./shown_token.ts";
import { guidesOf } from "./ways.ts";

/**
 * Continues a prompt twice with the same random numbers, steered and unsteered, token by token in turns, by as many
 * samples as are asked for. Both go through the same graph, the unsteered texts with β = 0, so that their tokens are rated
 * as well. Without a way to steer there are the unsteered texts only. Leaving the loop ends all.
 *
 * @param prompt with its tokens.
 */
export async function* sideBySide(
  explored: Explored,
  { ways, topK, temperature, seed, maxNewTokens, samples }: ExplorerRequest,
  prompt: TokenizedPrompt,
  signal: AbortSignal,
): AsyncGenerator<ExplorerEvent, void, undefined> {
  yield { kind: "prompt", text: visible(explored.chat ? `${prompt.text}\n` : prompt.text) };
  const steersAtAll = ways.some(({ beta }) => beta > 0);
  // what is not steered by is still to be seen
  const rated = guidesOf(ways, explored.guides, ({ beta }) => steersAtAll ? beta : 1);
  const common = { topK, temperature, seed, maxNewTokens, samples, stepsPerRun: 1, signal };
  const side = (side: Side, guides: GenerateOptions["guides"]) =>
    written(side, explored, prompt, rated, { ...common, guides });
  const unsteered = side("unsteered", guidesOf(ways, explored.guides, () => 0));
  const steered = side("steered", guidesOf(ways, explored.guides));
  yield* inTurns(ways.length > 0 ? [steered, unsteered] : [unsteered]);
}

/** A text that is being written. */
class Writing {
  readonly #of: { readonly side: Side; readonly sample: number };
  readonly #writer: TextWriter;
  /** Tokens that were not given out. */
  #waiting: ShownToken[] = [];
  #tokens = 0;
  /** How long the first token took, in milliseconds. */
  #first = 0;
  hasEnded = false;

  constructor(side: Side, sample: number, writer: TextWriter) {
    this.#of = { side, sample };
    this.#writer = writer;
  }

  /** Goes on with a token. @param spent milliseconds since the beginning. */
  *add(
    id: number,
    shown: ShownToken,
    isEnd: boolean,
    spent: number,
  ): Generator<ExplorerEvent, void, undefined> {
    if (++this.#tokens === 1) this.#first = spent;
    if (isEnd) yield* this.#rest();
    this.#waiting.push(shown);
    const text = isEnd ? "" : this.#writer.add(id);
    if (isEnd || text !== "") yield this.#piece(text, isEnd);
    if (isEnd) yield* this.end(spent);
  }

  *end(spent: number): Generator<ExplorerEvent, void, undefined> {
    this.hasEnded = true;
    yield* this.#rest();
    const tokens = this.#tokens;
    const rate = tokens > 1 ? 1000 * (tokens - 1) / (spent - this.#first) : undefined;
    yield { kind: "end", ...this.#of, tokens, rate };
  }

  *#rest(): Generator<ExplorerEvent, void, undefined> {
    if (this.#waiting.length > 0) yield this.#piece(this.#writer.rest());
  }

  #piece(text: string, isEnd = false): ExplorerEvent {
    const tokens = this.#waiting;
    this.#waiting = [];
    return { kind: "piece", ...this.#of, text: visible(text), tokens, isEnd };
  }
}

/** @param rated the guides by whose strengths rewards are shown. */
async function* written(
  side: Side,
  { base, tokenizer }: Explored,
  prompt: TokenizedPrompt,
  rated: GenerateOptions["guides"],
  options: GenerateOptions,
): AsyncGenerator<ExplorerEvent, void, undefined> {
  const { temperature, signal, samples } = options;
  const settled = settledGeneration("serveExplorer", generateOptions, options);
  const texts = Array.from(
    { length: samples! },
    (_, sample) => new Writing(side, sample, new TextWriter(tokenizer, prompt.ids)),
  );
  let spent = 0;
  let since = performance.now();
  for await (const step of stepsOf(base, [prompt.read], settled)) {
    spent += performance.now() - since;
    for (const [row, { sample }] of step.rows.entries()) {
      const shown = shownToken(tokenTrace(step, row, tokenizer, { guides: rated, temperature }));
      const token = step.tokens[row];
      yield* texts[sample].add(token, shown, base.ends.includes(token), spent);
    }
    since = performance.now();
  }
  if (signal?.aborted) return;
  for (const text of texts) if (!text.hasEnded) yield* text.end(spent);
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
