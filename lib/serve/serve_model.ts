import type { BaseModel } from "../bases/base_model.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { RunningRows } from "../decode/running_rows.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { isLoopback } from "./access.ts";
import { handlerOf } from "./handler.ts";
import { Metrics } from "./metrics.ts";
import { Scheduler } from "./scheduler.ts";
import { type ServeModelOptions, serveModelOptions } from "./serve_model_options.ts";
import type { Served } from "./served.ts";

/** A server that answers. */
export interface ServedModel extends AsyncDisposable {
  /** What clients are given as their base URL; it ends in `/v1`. */
  readonly address: string;
  /** When it has ended. */
  readonly finished: Promise<void>;
}

/**
 * Serves a steered model to clients of OpenAI's interface: completions and chats, whole or as they are written. A request
 * says how it is steered in `guides`, or by the name of its model, such as `base+positive:20`.
 *
 * Requests that come together are computed together: texts join and leave between any two steps. Each text is what
 * `generateTexts` gives for the same seed and settings, whoever else asks. The models stay the caller's.
 *
 * @param tokenizer that of all the models.
 * @throws {TypeError | RangeError} one sentence, if an option is not known, of the wrong type or out of range, or the models
 *   cannot be one graph.
 * @throws {Error} one sentence, if the port is in use.
 * @throws the signal's reason, if it aborted before.
 */
export async function serveModel(
  base: BaseModel,
  tokenizer: Tokenizer,
  options: ServeModelOptions = {},
): Promise<ServedModel> {
  checkArgument("serveModel", "base", baseModelKind, base);
  checkArgument("serveModel", "tokenizer", tokenizerKind, tokenizer);
  const { signal, host, port, key, rows, queue, timeout, ...about } = settle(
    "serveModel",
    serveModelOptions,
    options,
  );
  const served: Served = { ...about, base, tokenizer };
  check(served, host, key);
  // a server that is given such a signal would never end
  signal?.throwIfAborted();
  const stop = new AbortController();
  const stopNow = () => stop.abort();
  const metrics = new Metrics();
  const models = about.guides.map(({ model }) => model);
  const running = await RunningRows.open(base, models, about.topK);
  await using opened = new AsyncDisposableStack();
  const scheduler = opened.use(new Scheduler(running, { rows, queue }, metrics));
  signal?.throwIfAborted();
  const server = listening();
  signal?.addEventListener("abort", stopNow, { once: true });
  const owned = opened.move();
  const finished = server.finished.then(async () => {
    signal?.removeEventListener("abort", stopNow);
    await owned.disposeAsync();
  });
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    address: `http://${shown}:${server.addr.port}/v1`,
    finished,
    async [Symbol.asyncDispose]() {
      stopNow();
      await finished;
    },
  };

  function listening(): Deno.HttpServer<Deno.NetAddr> {
    const handler = handlerOf({
      ...{ served, scheduler, metrics, timeout },
      access: () => ({ key, host, port: server.addr.port }),
      signal: stop.signal,
    });
    try {
      return Deno.serve({ hostname: host, port, signal: stop.signal, onListen() {} }, handler);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      throw new Error(
        `Port ${port} of ${host} is in use: choose another port, or 0 for a free one.`,
      );
    }
  }
}

/** @throws {TypeError | RangeError} one sentence, if something does not go together. */
function check({ base, baseName, guides, topK }: Served, host: string, key?: string): void {
  if (!isLoopback(host) && key === undefined) {
    throw new TypeError(
      `serveModel: other machines reach '${host}', so a 'key' is needed that requests have to send.`,
    );
  }
  if (key === "") {
    throw new RangeError("serveModel: 'key' is empty: give one that is hard to guess.");
  }
  if (topK > base.vocabulary) {
    throw new RangeError(
      `Cannot take the top ${topK} of ${base.vocabulary} tokens: choose a smaller topK`,
    );
  }
  if (baseName === "" || baseName.includes("+")) {
    throw new RangeError(
      `serveModel: 'baseName' must be a name without a plus, not '${baseName}'.`,
    );
  }
  const names = guides.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new RangeError(
      `serveModel: two guides are called '${twice}': give each a name of its own.`,
    );
  }
  guides.forEach(({ model: { vocabulary, byText } }, i) => {
    if (byText || vocabulary === base.vocabulary) return;
    throw new RangeError(
      `serveModel: 'guides[${i}]' has ${vocabulary} tokens and the base model ${base.vocabulary}: they must share a ` +
        "tokenizer.",
    );
  });
}
