import { isSameTrunk, type TrunkIdentity } from "../weights/trunk.ts";

/** The base model whose keys and values a reward model moves, of which it has a copy. */
export interface MovedBase {
  readonly blocks: number;
  /** What tells that base model from others; absent where the copy is in no folder. */
  readonly identity?: () => Promise<TrunkIdentity | undefined>;
}

/**
 * Checks that a reward model which moves keys and values moves those of the base model that it is to steer.
 *
 * @param trunkAt what identifies the first blocks of a base model.
 * @throws {TypeError} one sentence, if it moves those of another.
 */
export async function requireMovedBase(
  { kind, movesBase }: { readonly kind: string; readonly movesBase?: MovedBase },
  trunkAt: ((blocks: number) => Promise<TrunkIdentity | undefined>) | undefined,
): Promise<void> {
  const wants = await movesBase?.identity?.();
  if (!movesBase || !wants) return;
  const has = await trunkAt?.(movesBase.blocks);
  if (has && isSameTrunk(wants, has)) return;
  throw new TypeError(
    `A model of kind ${kind} moves the keys and values of the base model that it was trained on, and the one to be steered is ` +
      "another: steer that one with it, or train one on this.",
  );
}
