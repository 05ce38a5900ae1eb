import type { Explored } from "./explored.ts";
import { explorer } from "./explorer.ts";

/** How an explorer is served. */
export interface ServeExplorerOptions {
  /** Where it listens on 127.0.0.1; 0 takes a free one. Default 8765. */
  port?: number;
  /** Ends it, and what it is writing. */
  signal?: AbortSignal;
}

/** An explorer that answers. */
export interface ServedExplorer extends AsyncDisposable {
  /** Its page. */
  readonly address: string;
  /** When it has ended. */
  readonly finished: Promise<void>;
}

/**
 * Serves the explorer's page to this machine: a prompt continued by a base model, steered and unsteered side by side.
 * The models stay the caller's.
 *
 * @throws {Error} one sentence, if the port is in use.
 * @throws the signal's reason, if it aborted before.
 */
export function serveExplorer(
  explored: Explored,
  { port = 8765, signal }: ServeExplorerOptions = {},
): ServedExplorer {
  // a server that is given such a signal would never end
  signal?.throwIfAborted();
  const hostname = "127.0.0.1";
  const stop = new AbortController();
  const ends = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  const handler = explorer(explored, () => server.addr.port, ends);
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
