import type { OptionTable } from "../options/option.ts";
import { checkArgument } from "../options/settle.ts";
import { args } from "./args.ts";
import { arm } from "./arm.ts";
import { cd } from "./cd.ts";
import { dexperts } from "./dexperts.ts";
import { farma } from "./farma.ts";
import { fudge } from "./fudge.ts";
import { gedi } from "./gedi.ts";
import { genarm } from "./genarm.ts";
import { type AnyMethod, type HeadedMethod, type Method, methodKind, type Over } from "./method.ts";
import { pplm, pplmOptions } from "./pplm.ts";
import { rad, radOptions } from "./rad.ts";
import { rectification } from "./rectification.ts";
import type { Head, RewardHead } from "./reward_head.ts";

/** Every method of the library. A new one is one file and one line here. */
const own = [
  arm,
  rad,
  fudge,
  gedi,
  dexperts,
  rectification,
  pplm,
  genarm,
  farma,
  args,
  cd,
] as const;

/** Every method that there is, those of `defineMethod` behind them. */
const list: AnyMethod[] = [...own];

/** What opening a model takes, of whichever method. */
export const openingOptions = { ...radOptions, ...pplmOptions } as const satisfies OptionTable;

/** The settings of training that the library's methods have. */
export type OwnSettings = All<SettingsOf<typeof own[number]>>;

type SettingsOf<M> = M extends
  { readonly settings?: infer Settings; readonly training?: infer Training; head: unknown }
  ? Over<Settings, Training>
  : never;

/** All members of a union at once. */
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends
  (all: infer Each) => void ? Each : never;

/** The methods that there are, in the order of the list. */
export function methods(): readonly AnyMethod[] {
  return list;
}

/** The method of a kind, if there is one. */
export function methodOf(kind: unknown): AnyMethod | undefined {
  return list.find((method) => method.kind === kind);
}

/**
 * Adds a method to those that `trainMethod` and `trainRewardModel` train and `openRewardModel` opens, wherever a config.json
 * names its kind. Defining a kind again replaces it, as happens when a notebook's cell runs twice.
 *
 * @returns the method.
 * @throws {TypeError} if it is no method, or its kind is one of the library's, or no name of small letters, digits and hyphens.
 */
export function defineMethod<
  Settings extends OptionTable = Record<never, never>,
  Training extends OptionTable = Record<never, never>,
  H extends Head = RewardHead,
>(method: Method<Settings, Training, H>): Method<Settings, Training, H> {
  checkArgument("defineMethod", "method", methodKind, method);
  // whatever its settings are, they have been checked by its tables before it is given them
  define(method as unknown as HeadedMethod);
  return method;
}

/** The same for a method whose settings may be any. */
export function define(method: HeadedMethod): void {
  const { kind } = method;
  if (kind === "lm" || own.some((each) => each.kind === kind)) {
    throw new TypeError(
      `defineMethod: there is a method of the kind '${kind}' already; choose another name.`,
    );
  }
  if (!/^[a-z][a-z0-9-]*$/.test(kind)) {
    throw new TypeError(
      `defineMethod: a kind is a name of small letters, digits and hyphens such as 'low-rank-arm', not '${kind}'.`,
    );
  }
  const known = list.findIndex((each) => each.kind === kind);
  list.splice(known < 0 ? list.length : known, 1, method);
}
