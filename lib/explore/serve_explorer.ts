import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import { tokenizedPrompts } from "../decode/text_prompts.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { explorer } from "./explorer.ts";
import { type ServeExplorerOptions, serveExplorerOptions } from "./serve_explorer_options.ts";

/** An explorer that answers. */
export interface ServedExplorer extends AsyncDisposable {
  /** Its page. */
  readonly address: string;
  /** When it has ended. */
  readonly finished: Promise<void>;
}

/**
 * Serves the explorer's page to this machine: a prompt continued by a base model, steered and unsteered side by side.
 * What steers, in which direction and how strongly, is chosen on the page. The models stay the caller's.
 *
 * @param tokenizer that of all the models.
 * @throws {TypeError | RangeError} one sentence, if an option is not known, of the wrong type or out of range.
 * @throws {Error} one sentence, if the port is in use.
 * @throws the signal's reason, if it aborted before.
 */
export function serveExplorer(
  base: BaseModel,
  tokenizer: Tokenizer,
  options: ServeExplorerOptions = {},
): ServedExplorer {
  checkArgument("serveExplorer", "base", baseModelKind, base);
  checkArgument("serveExplorer", "tokenizer", tokenizerKind, tokenizer);
  const settled = settle("serveExplorer", serveExplorerOptions, options);
  const { port, signal, guides, baseName, chat, rewardsRead, ...first } = settled;
  const explored = { base, tokenizer, guides, baseName, chat, rewardsRead };
  // a model that cannot chat is not found out by the page
  tokenizedPrompts(base, tokenizer, ["?"], explored);
  guides.forEach(({ model, steering = [] }, i) => {
    const { label } = steering.find(({ label }) => !model.labels.includes(label)) ?? {};
    if (label === undefined) return;
    throw new RangeError(
      `serveExplorer: 'guides[${i}]' has no label '${label}', only ${model.labels.join(", ")}.`,
    );
  });
  // a server that is given such a signal would never end
  signal?.throwIfAborted();
  const hostname = "127.0.0.1";
  const stop = new AbortController();
  const ends = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  const handler = explorer(
    explored,
    first,
    () => server.addr.port,
    ends,
  );
  const server = listening();
  return {
    address: `http://${hostname}:${server.addr.port}/`,
    finished: server.finished,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };

  function listening(): Deno.HttpServer<Deno.NetAddr> {
    try {
      return Deno.serve({ hostname, port, signal: ends, onListen() {} }, handler);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      throw new Error(
        `Port ${port} of ${hostname} is in use: choose another port, or 0 for a free one.`,
      );
    }
  }
}
