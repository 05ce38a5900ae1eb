/**
 * Lets frames of Polars that are the value of a cell show their text aligned to the left, as other tables here do:
 * Polars' own table says nothing of it, and JupyterLab aligns all cells to the right.
 *
 * To be imported for this effect; elsewhere than in a kernel it has none.
 *
 * @module
 */

import { isFrame, shownFrame } from "./frame_look.ts";
import { changeShownValues } from "./shown_values.ts";

changeShownValues("armature.shownFrames", (show) => async (count, value) => {
  await show(count, isFrame(value) ? shownFrame(value) : value);
});
