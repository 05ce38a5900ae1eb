/**
 * Lets a cell whose last value is a module without exports show nothing: that is what the kernel takes an import for its effect
 * to be, where only declarations follow.
 *
 * To be imported for this effect; elsewhere than in a kernel it has none.
 *
 * @module
 */

import { changeShownValues } from "./shown_values.ts";

changeShownValues("armature.effectImports", (show) => async (count, value) => {
  await show(count, isEffectImport(value) ? undefined : value);
});

function isEffectImport(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object Module]" &&
    Object.keys(value as object).length === 0;
}
