import { isSameTrunk, type TrunkIdentity } from "../weights/trunk.ts";
import type { RewardModel, SharedTrunk } from "./reward_model.ts";

const howTo =
  "steer that one with it, or write it as a model of its own with `deno task merge` (mergeAdapter)";

/** What is wrong where a model stands on the trunk of another base model than the one to be steered. */
export function otherTrunk({ blocks }: Pick<SharedTrunk, "blocks">): string {
  return `shares the first ${blocks} blocks of another base model than the one to be steered: ${howTo}.`;
}

/**
 * Checks that a reward model can stand on the base model that it is to steer.
 *
 * @param trunkAt what identifies the trunk of a base model; absent where it gives no hidden states.
 * @throws {TypeError} one sentence, if it cannot.
 */
export async function requireTrunk(
  { kind, trunk }: Pick<RewardModel, "kind" | "trunk">,
  trunkAt: ((blocks: number) => Promise<TrunkIdentity | undefined>) | undefined,
): Promise<void> {
  if (!trunk) return;
  const what = `The reward model (${kind})`;
  if (!trunkAt) {
    throw new TypeError(
      `${what} shares the first ${trunk.blocks} blocks of its base model, and the one to be steered gives no hidden states: ` +
        `open it from its weights, or ${howTo.slice(howTo.indexOf("write"))}.`,
    );
  }
  const has = await trunkAt(trunk.blocks);
  if (!has || !isSameTrunk(trunk, has)) throw new TypeError(`${what} ${otherTrunk(trunk)}`);
}
