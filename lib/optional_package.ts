/** A package that not every place has is not here; the message says what it is for and what to do. */
export class MissingPackage extends Error {}

/**
 * Loads a package that what `deno task pack` writes comes without.
 *
 * @param load imports it.
 * @param sentence what it is needed for, and what to do without it.
 * @throws {MissingPackage} if it is not there.
 * @throws {Deno.errors.NotCapable} if it is there and may not be loaded.
 */
export async function optionalPackage<T>(load: () => Promise<T>, sentence: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new MissingPackage(sentence, { cause });
  }
}

/**
 * Makes what is left out where a package is missing, saying so on standard error.
 *
 * @returns whether it was made.
 */
export async function unlessMissing(make: () => Promise<void>): Promise<boolean> {
  try {
    await make();
    return true;
  } catch (error) {
    if (!(error instanceof MissingPackage)) throw error;
    console.error(error.message);
    return false;
  }
}
