import type { OpenedBase } from "../bases/open_base.ts";
import type { StreamTextsOptions } from "../decode/generate_options.ts";
import type { Reads } from "../eval/scorers/scorer.ts";
import { openScorer } from "../eval/scorers/mod.ts";
import { openRewardModel, type OpenRewardModelOptions } from "../methods/open_reward_model.ts";
import type { OptionTable } from "../options/option.ts";
import type { Device } from "../runtime/device.ts";
import { modelAt } from "../weights/hub.ts";
import {
  bestOfNOptions,
  cardsOptions,
  type DrawTextsOptions,
  wholeTextMethods,
  wholeTextOptions,
} from "../whole_texts/draw_texts_options.ts";
import { flagName } from "./option_flags.ts";
import { type SteeringGroup, steeringOf } from "./steering_options.ts";

/** How whole texts are drawn, for `generate`. */
export const wholeTextFlags = {
  method: {
    type: "choice",
    of: wholeTextMethods,
    placeholder: "name",
    help:
      "draw whole texts, or segments of them, from the base model alone, and keep some by the reward of the --scorer or --reward",
  },
  ...wholeTextOptions,
} as const satisfies OptionTable;

/** What was given of these. */
export type WholeTextFlags = Pick<DrawTextsOptions, keyof typeof wholeTextOptions> & {
  readonly method?: DrawTextsOptions["method"];
};

/** What else a command was given that matters for them. */
export interface BesideWholeTexts {
  readonly groups: readonly SteeringGroup[];
  readonly formula: boolean;
  readonly stream: boolean;
  readonly logProbabilities: boolean;
  readonly scorerEvery: boolean;
  readonly sampling: Pick<StreamTextsOptions, "rated">;
}

const own = { "best-of-n": bestOfNOptions, cards: cardsOptions } as const;

/** Why these options do not go together, as the end of a sentence that begins with "option"; nothing where they do. */
export function wholeTextRefusal(
  { method, ...given }: WholeTextFlags,
  { groups, formula, stream, logProbabilities, scorerEvery, sampling }: BesideWholeTexts,
): string | undefined {
  for (const [of, table] of Object.entries<OptionTable>(own)) {
    const stray = Object.keys(table).find((name) => name in given && of !== method);
    if (stray) return `'${flagName(stray, table[stray])}' goes with --method ${of} only`;
  }
  if (method === undefined) return undefined;
  const [group, ...more] = groups;
  if (!group || more.length > 0 || group.ways.length > 1) {
    return `'--method ${method}' chooses by one reward: give one --scorer or --reward, with one --label`;
  }
  if (method === "best-of-n" && "beta" in group.ways[0]) {
    return "'--beta' does not go with --method best-of-n, whose strength is --best-of";
  }
  const besides = {
    "--filter": group.filter !== undefined,
    "--formula": formula,
    "--rated vocabulary": sampling.rated === "vocabulary",
    "--scorer-every": scorerEvery,
    "--stream": stream,
    "--log-probabilities": logProbabilities,
  };
  const wrong = Object.entries(besides).find(([, isGiven]) => isGiven)?.[0];
  return wrong &&
    `'${wrong}' does not go with --method ${method}, which keeps texts that the base model wrote by itself`;
}

/** Opens what rates whole texts. @returns what `drawTexts` takes of it. */
export async function openTextReward(
  group: SteeringGroup,
  { tokenizer }: Pick<OpenedBase, "tokenizer">,
  device: Device,
  models: AsyncDisposableStack,
  { signal, reads, ...opening }: Omit<OpenRewardModelOptions, "baseTokenizer"> & {
    readonly reads?: Reads;
  },
): Promise<Pick<DrawTextsOptions, "reward" | "beta">> {
  const rater = models.use(
    group.scorer
      ? await openScorer(group.folder, { device, signal })
      : await openRewardModel(await modelAt(group.folder, { signal }), device, {
        ...opening,
        baseTokenizer: tokenizer,
      }),
  );
  const [{ label, inverse, beta }] = steeringOf(group, rater.labels);
  return { reward: { rater, label, inverse, reads }, beta };
}
