/**
 * To be imported for its effect in a Jupyter notebook: nothing that a cell shows gets lost, text in tables is aligned to
 * the left, and graphs are pictures. Elsewhere it does nothing.
 *
 * @example The first cell of a notebook
 * ```ts ignore
 * import "@armature/armature/notebook";
 * import { openBase, openDevice } from "@armature/armature";
 * ```
 *
 * @module
 */

import "../notebook/arriving_outputs.ts";
import "../notebook/effect_imports.ts";
import "../notebook/shown_frames.ts";
import "../pictures/drawn_graphs.ts";
