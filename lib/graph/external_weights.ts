import type { TensorProto } from "onnx-buf";
import { sameShape } from "./dim.ts";
import { weightProto } from "./onnx_protos.ts";
import type { FileRegion, Tensor } from "./tensor.ts";

/** The weights of a graph and of the graphs within it, which stay in their files. */
export class ExternalWeights {
  readonly #weights = new Map<string, { tensor: Tensor; region: FileRegion }>();

  /** @throws {TypeError} if another weight has the name. */
  add(tensor: Tensor, name: string, region: FileRegion): void {
    const known = this.#weights.get(name) ?? { tensor, region };
    const same = known.region.path === region.path && known.region.offset === region.offset &&
      sameShape(known.tensor.shape, tensor.shape) && known.tensor.dtype === tensor.dtype;
    if (!same) throw new TypeError(`compile: two different weights are named ${name}.`);
    this.#weights.set(name, known);
  }

  /** How they are written in a model, and the folder that its places are relative to; none if there are no weights. */
  written(): { protos: TensorProto[]; folder?: string } {
    const weights = [...this.#weights];
    if (weights.length === 0) return { protos: [] };
    const folder = commonFolder(weights.map(([, { region }]) => region.path));
    const protos = weights.map(([name, { tensor, region }]) =>
      weightProto(name, tensor, region, folder)
    );
    return { protos, folder };
  }
}

/** The deepest folder that holds all the given absolute paths. */
function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => path.split(/[/\\]/).slice(0, -1));
  const depth = folders[0].findIndex((part, i) => folders.some((folder) => folder[i] !== part));
  const length = folders[0].slice(0, depth < 0 ? undefined : depth).join("/").length;
  return paths[0].slice(0, length);
}
