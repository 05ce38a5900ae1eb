/**
 * Keeps the Deno kernel from losing what a cell shows.
 *
 * The kernel (Deno 2.9) sends outputs and the news that a cell has ended by ways of their own. Of a quick cell the
 * news may come first, and then Jupyter no longer takes the output: about one in twenty stays without its value. So
 * the end of a cell waits here until its outputs are on their way.
 *
 * To be imported for this effect; elsewhere than in a kernel it has none.
 *
 * @module
 */

import { notebookKernel } from "./kernel.ts";

/** How long the end of a cell waits. */
const milliseconds = 50;

/** The part of Deno's internals that shows the value of a cell, which is the last thing that a cell does. */
interface KernelInternals {
  jupyter?: { broadcastResult?: (...args: unknown[]) => Promise<void> };
}

const deno = Deno as unknown as { internal: symbol } & Record<symbol, KernelInternals | undefined>;
const internals = notebookKernel() && deno[deno.internal]?.jupyter;
const show = internals?.broadcastResult;
const installed = Symbol.for("armature.arrivingOutputs");

if (internals && show && !(installed in show)) {
  const showAndWait = async (...args: unknown[]) => {
    await show(...args);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };
  internals.broadcastResult = Object.assign(showAndWait, { [installed]: true });
}
