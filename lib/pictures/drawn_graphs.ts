/**
 * From when this module is loaded, graphs in notebooks are pictures.
 *
 * @module
 */

import type { Tensor } from "../graph/tensor.ts";
import { drawGraphsBy } from "../notebook/graph_drawing.ts";

drawGraphsBy(async (outputs) => {
  const { graphLook } = await import("./graph_look.ts");
  return await graphLook(outputs as Readonly<Record<string, Tensor>>);
});
