import type { Example } from "./objective.ts";

/** What a step gives is no longer a number: what, at which step, and of which examples. */
export class NotFinite extends Error {
  constructor(
    /** As a sentence that goes on: "The loss became NaN at step 3". */
    readonly problem: string,
    readonly batch: readonly Example[],
    /** What may help, without a full stop. */
    readonly remedy: string,
  ) {
    super(`${problem}; ${remedy}.`);
  }
}

/** The first of a step's losses and norms that is no finite number. */
export function notFiniteIn(losses: Readonly<Record<string, number>>): string | undefined {
  const [name, value] = Object.entries(losses).find(([, value]) => !Number.isFinite(value)) ?? [];
  if (name === undefined) return undefined;
  const what = name === "grad_norm" ? "norm of the gradients" : name;
  return `The ${what} became ${value}`;
}

/**
 * Requires that what is to be written or used further is all numbers: the gradients of a step may spoil parameters that no loss
 * has read yet.
 *
 * @param trainer reads one tensor after the other.
 * @throws {NotFinite} naming the first tensor that is spoilt.
 */
export async function requireFinite(
  trainer: { readonly steps: number; read(name: string): Promise<Float32Array> },
  names: Iterable<string>,
): Promise<void> {
  for (const name of names) {
    const array = await trainer.read(name);
    // a sum is NaN or infinite where any of its terms is, and quicker than a look at each
    let sum = 0;
    for (let i = 0; i < array.length; i++) sum += array[i];
    if (Number.isFinite(sum)) continue;
    throw new NotFinite(
      `After step ${trainer.steps} '${name}' holds ${
        array.find((value) => !Number.isFinite(value))
      }`,
      [],
      "a gradient was no number at a step since the last checkpoint, so try a lower learning rate",
    );
  }
}
