import { join } from "node:path";
import { dtypes } from "../../bases/transformers_base.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { checkArgument, settle } from "../../options/settle.ts";
import { deviceKind } from "../../runtime/device_kind.ts";
import { isHubName } from "../../weights/hub.ts";
import { hubOptions } from "../../weights/hub/hub_options.ts";
import { classifierFile } from "../classifier_folder.ts";
import { isEncoderFolder, openEncoderClassifier } from "./encoder_classifier.ts";
import { openHubClassifier } from "./hub_classifier.ts";
import { openLocalClassifier } from "./local_classifier.ts";
import { openPerspective, openPerspectiveOptions } from "./perspective.ts";
import { requireScores } from "./require_scores.ts";
import type { Scorer } from "./scorer.ts";
import { isTransformersClassifier, openTransformersClassifier } from "./transformers_classifier.ts";
import { openWorldScorer } from "./world.ts";

/** What `openScorer` takes; each kind of scorer takes those that are its own. */
export const openScorerOptions = {
  dtype: {
    type: "choice",
    of: dtypes,
    default: "fp32",
    help: "how the weights of a transformers.js classifier are stored",
  },
  device: {
    ...deviceKind,
    defaultHelp: "the CPU",
    help: "where a classifier of Hugging Face or of embeddings computes",
  },
  perspective: {
    type: "options",
    of: openPerspectiveOptions,
    flag: false,
    help: "settings of the Perspective API",
  },
  ...hubOptions,
} as const satisfies OptionTable;
export type ScorerOptions = OptionsOf<typeof openScorerOptions>;

/** A kind of scorer. */
export interface ScorerKind {
  /** What it is called by, for messages. */
  readonly calledBy: string;
  readonly what: string;
  /** Whether there are texts that it has no score for. Default: there are none. */
  readonly lacksSome?: true;
  /** Whether it is this kind that is called so. */
  matches(what: string, options: ScorerOptions): boolean | Promise<boolean>;
  open(what: string, options: ScorerOptions): Scorer | Promise<Scorer>;
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

/** Every kind of scorer; the first that matches is it. */
export const scorerKinds: readonly ScorerKind[] = [
  {
    calledBy: "world",
    what: "the exact truth of the small world",
    lacksSome: true,
    matches: (what) => what === "world",
    open: () => openWorldScorer(),
  },
  {
    calledBy: "perspective",
    what: "Google's Perspective API, until it ends on 31 December 2026",
    lacksSome: true,
    matches: (what) => what === "perspective",
    open: (_, { perspective }) => openPerspective(perspective),
  },
  {
    calledBy: "a folder",
    what: "what `deno task train classifier` wrote",
    matches: (what) => isThere(join(what, classifierFile)),
    open: (what, { device }) => openLocalClassifier(what, device),
  },
  {
    calledBy: "a folder",
    what: "a text classifier of Hugging Face as it was published: BERT, DistilBERT, RoBERTa",
    // other weights than float32 are graphs of transformers.js
    matches: async (what, { dtype = "fp32" }) => dtype === "fp32" && await isEncoderFolder(what),
    open: (what, { device }) => openEncoderClassifier(what, { device }),
  },
  {
    calledBy: "a folder, or a name on the Hugging Face hub",
    what: "a text classifier of transformers.js, or on the hub of Hugging Face",
    matches: async (what) =>
      await isThere(what) ? await isTransformersClassifier(what) : isHubName(what),
    open: async (what, { perspective: _, ...options }) =>
      await isThere(what)
        ? await openTransformersClassifier(what, options)
        : await openHubClassifier(what, options),
  },
];

/**
 * Opens a scorer by what it is called: see `scorerKinds`.
 *
 * @throws Error, one sentence, if nothing is called so or it cannot be opened.
 */
export async function openScorer(what: string, options: ScorerOptions = {}): Promise<Scorer> {
  checkArgument("openScorer", "what", { type: "text" }, what);
  const settled = settle("openScorer", openScorerOptions, options);
  for (const kind of scorerKinds) {
    if (!await kind.matches(what, settled)) continue;
    const scorer = await kind.open(what, settled);
    return kind.lacksSome ? scorer : requireScores(scorer);
  }
  throw new Error(
    `There is no scorer '${what}': name ${
      scorerKinds.map(({ calledBy, what }) => `${calledBy} (${what})`).join(", ")
    }`,
  );
}
