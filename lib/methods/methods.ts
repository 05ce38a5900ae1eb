import { checkArgument } from "../options/settle.ts";
import { type Method, methodKind } from "./method.ts";

/** The methods of `defineMethod`, by kind. */
const methods = new Map<string, Method>();

/** Kinds that are not one's own to define. */
const taken = ["lm", "arm", "rad", "fudge", "gedi", "dexperts"];

/**
 * Adds a method to those that `trainMethod` trains and `openRewardModel` opens, wherever a config.json names its kind. Defining
 * a kind again replaces it, as happens when a notebook's cell runs twice.
 *
 * @returns the method.
 * @throws {TypeError} if it is no method, or its kind is one of the library's, or no name of small letters, digits and hyphens.
 */
export function defineMethod(method: Method): Method {
  checkArgument("defineMethod", "method", methodKind, method);
  const { kind } = method;
  if (taken.includes(kind)) {
    throw new TypeError(
      `defineMethod: there is a method of the kind '${kind}' already; choose another name.`,
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(kind)) {
    throw new TypeError(
      `defineMethod: a kind is a name of small letters, digits and hyphens such as 'low-rank-arm', not '${kind}'.`,
    );
  }
  methods.set(kind, method);
  return method;
}

/** The method of one's own of that kind, if it is defined. */
export function methodOf(kind: string): Method | undefined {
  return methods.get(kind);
}

/** The kinds of one's own. */
export function definedKinds(): string[] {
  return [...methods.keys()];
}
