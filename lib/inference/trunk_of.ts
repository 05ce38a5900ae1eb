import type { Backbone } from "../models/backbone.ts";
import { trunkParameters } from "../models/trunk.ts";
import type { ModelFolder } from "../weights/model_folder.ts";
import { type TrunkIdentity, trunkIdentity } from "../weights/trunk.ts";

/**
 * What identifies the trunk of so many blocks of a base model; undefined where it has fewer.
 *
 * @throws {TypeError} if the base model is an adapter, or its architecture does not say where its blocks end.
 */
export async function trunkOf(
  folder: ModelFolder,
  backbone: Backbone,
  blocks: number,
): Promise<TrunkIdentity | undefined> {
  if (blocks > backbone.blocks.length) return undefined;
  const { shapes, inputEmbedding, outputEmbedding } = backbone;
  const isOwn = ([name]: readonly [string, unknown]) =>
    name === outputEmbedding && name !== inputEmbedding;
  return await trunkIdentity(folder, {
    trunk: trunkParameters(backbone, blocks).trunk,
    matrices: new Set(backbone.matrices.map(({ name }) => name)),
    output: new Map([...shapes].filter(isOwn)),
  });
}
