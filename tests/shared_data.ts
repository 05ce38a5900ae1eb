import { fileURLToPath } from "node:url";

/**
 * The folder of public data sets (`$ARMATURE_DATA`, or `../shared/data` beside the checkout), or
 * undefined where it is not there: tests that need it are then skipped, under a name that says so.
 */
export const sharedData: string | undefined = existingFolder(
  Deno.env.get("ARMATURE_DATA") || besideCheckout("data"),
);

/** The folder of golden values, `../shared/golden` beside the checkout, or undefined. */
export const goldenFolder: string | undefined = existingFolder(besideCheckout("golden"));

/** The folder of pretrained models, each in a folder of its name (`$ARMATURE_MODELS`, or `../shared/models`), or undefined. */
export const modelsFolder: string | undefined = existingFolder(
  Deno.env.get("ARMATURE_MODELS") || besideCheckout("models"),
);

/** The folder of golden values of further backbones and tokenizers, `../shared/golden-backbones`, or undefined. */
export const goldenBackbones: string | undefined = existingFolder(
  besideCheckout("golden-backbones"),
);

function besideCheckout(name: string): string {
  return fileURLToPath(new URL(`../../shared/${name}`, import.meta.url));
}

function existingFolder(path: string): string | undefined {
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
