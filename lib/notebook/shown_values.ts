import { notebookKernel } from "./kernel.ts";

/** Shows the value of a cell, which is the last thing that a cell does. */
export type ShowValue = (executionCount: number, value: unknown) => Promise<void>;

/** The part of Deno's internals that shows the value of a cell. */
interface KernelInternals {
  jupyter?: { broadcastResult?: ShowValue };
}

/**
 * Puts something around what shows the values of cells, once however often modules are loaded. Elsewhere than in a kernel
 * it does nothing.
 *
 * @param name what tells it from other changes.
 */
export function changeShownValues(name: string, change: (show: ShowValue) => ShowValue): void {
  const deno = Deno as unknown as
    & { internal: symbol }
    & Record<
      symbol,
      KernelInternals | undefined
    >;
  const internals = notebookKernel() && deno[deno.internal]?.jupyter;
  const show = internals?.broadcastResult;
  const installed = Symbol.for(name);
  if (!internals || !show || installed in internals) return;
  internals.broadcastResult = change(show);
  Object.defineProperty(internals, installed, { value: true });
}
