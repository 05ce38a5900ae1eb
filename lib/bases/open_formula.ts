import { tokenizerDifference } from "../data/same_tokenizer.ts";
import {
  type Expression,
  type Formula,
  isBase,
  leavesOf,
  type NamedModel,
  needsAllTokens,
  withLeaves,
} from "../methods/arithmetic/formula.ts";
import { parseFormula } from "../methods/arithmetic/parse_formula.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import type { Kind, OptionTable } from "../options/option.ts";
import type { OptionsOf } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { signalOption } from "../options/signal_option.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import type { BaseModel } from "./base_model.ts";
import { languageModelTerm } from "./language_model_term.ts";
import { openBase, type OpenedBase } from "./open_base.ts";

/** A formula whose models are open. */
export interface OpenFormula extends AsyncDisposable {
  /** It over the places of the models, −1 for the base model. */
  readonly formula: Expression<number>;
  /** Its language models beside the base model, as terms. */
  readonly models: readonly RewardModel[];
  /** Whether it needs the logits of all tokens. */
  readonly needsAllTokens: boolean;
}

/** What stands for the base model among the places of a formula's models. */
export const basePlace = -1;

/** An open formula as an argument. */
export const openFormulaKind = {
  type: "value",
  is: (value: unknown): value is OpenFormula =>
    typeof value === "object" && value !== null && "formula" in value && "models" in value,
  what: "a formula, from await openFormula()",
} as const satisfies Kind;

/** A formula as an argument: one that was put together, or its text. */
export const formulaKind = {
  type: "value",
  is: (value: unknown): value is Formula | string =>
    typeof value === "string" || (typeof value === "object" && value !== null && "kind" in value),
  what:
    'a formula, such as sumOf([1, baseTerm()], [0.5, modelTerm("models/positive")]), or its text',
} as const satisfies Kind;

const openedBaseKind = {
  type: "value",
  is: (value: unknown): value is OpenedBase =>
    typeof value === "object" && value !== null && "base" in value && "tokenizer" in value,
  what: "a base model with its tokenizer, from await openBase()",
} as const satisfies Kind;

/** What `openFormula` takes. */
export const openFormulaOptions = {
  signal: { ...signalOption, help: "stops the fetching of models from the hub" },
} as const satisfies OptionTable;

/** What `openFormula` takes. */
export type OpenFormulaOptions = OptionsOf<typeof openFormulaOptions>;

/**
 * Opens the models of a formula, for `generate` and its like to write by. A model that it names several times is opened once.
 *
 * @param formula it, or its text, such as `base + 0.5 lm("models/positive") - 0.5 lm("models/negative")`.
 * @param base the base model that it steers.
 * @throws {SyntaxError} if the text is no formula.
 * @throws {TypeError | Error} one sentence, if a model cannot be opened, has another tokenizer than the base, or tells the
 *   likeliest tokens only.
 */
export async function openFormula(
  formula: Formula | string,
  base: OpenedBase,
  device: Device,
  options: OpenFormulaOptions = {},
): Promise<OpenFormula> {
  checkArgument("openFormula", "formula", formulaKind, formula);
  checkArgument("openFormula", "base", openedBaseKind, base);
  checkArgument("openFormula", "device", deviceKind, device);
  const { signal } = settle("openFormula", openFormulaOptions, options);
  const read = typeof formula === "string" ? parseFormula(formula) : formula;
  const { tokenizer } = base;
  await using opened = new AsyncDisposableStack();
  const bases = new Map<string | undefined, BaseModel>([[undefined, base.base]]);
  const open = async (name: string): Promise<BaseModel> => {
    const other = await openBase(name, device, signal ? { signal } : {});
    opened.use(other.base);
    const difference = tokenizerDifference(tokenizer, other.tokenizer);
    if (difference === undefined) return other.base;
    throw new Error(
      `'${base.tokenizerName}' and '${name}' have different tokenizers (${difference}), so a formula cannot put them ` +
        "together: use models that share one.",
    );
  };
  const models: RewardModel[] = [];
  const places = new Map<string, number>();
  for (const leaf of leavesOf(read)) {
    const key = keyOf(leaf);
    if (isBase(leaf) || places.has(key)) continue;
    const { model, prefix } = leaf;
    const of = bases.get(model) ?? await open(model!);
    bases.set(model, of);
    if (of.refusals?.allTokens !== undefined) throw new TypeError(of.refusals.allTokens);
    places.set(key, models.length);
    models.push(opened.use(languageModelTerm(of, prefix ? tokenizer.encode(prefix) : [])));
  }
  const owned = opened.move();
  return {
    formula: withLeaves(read, (leaf) => isBase(leaf) ? basePlace : places.get(keyOf(leaf))!),
    models,
    needsAllTokens: needsAllTokens(read),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const keyOf = ({ model, prefix }: NamedModel): string => JSON.stringify([model, prefix]);
