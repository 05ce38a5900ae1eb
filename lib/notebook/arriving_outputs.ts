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

import { changeShownValues } from "./shown_values.ts";

/** How long the end of a cell waits. */
const milliseconds = 50;

changeShownValues("armature.arrivingOutputs", (show) => async (count, value) => {
  await show(count, value);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
});
