import { notebookKernel } from "./kernel.ts";

/** Work that can be stopped, for as long as this is not disposed. */
export interface Interruptible extends Disposable {
  /** Says that the work is to stop; undefined where nothing can say so. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Lets a notebook's Stop end the work of a cell and not the kernel, which it kills where nobody listens (Jupyter
 * sends SIGINT). Several may be open at once: Stop ends the work of all. Outside of notebooks the given signal is all. The
 * work has to let the signal arrive: see `Turns`.
 *
 * @param given what else may stop the work.
 * @example
 * ```ts
 * using work = interruptible();
 * while (!work.signal?.aborted) await step();
 * ```
 */
export function interruptible(given?: AbortSignal): Interruptible {
  if (!notebookKernel()) return { signal: given, [Symbol.dispose]() {} };
  const controller = new AbortController();
  const stop = () => controller.abort();
  Deno.addSignalListener("SIGINT", stop);
  return {
    signal: given ? AbortSignal.any([given, controller.signal]) : controller.signal,
    [Symbol.dispose]: () => Deno.removeSignalListener("SIGINT", stop),
  };
}
