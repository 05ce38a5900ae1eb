import { join } from "node:path";
import type { Dtype } from "../../decode/transformers_base.ts";
import type { Device } from "../../runtime/device.ts";
import { type HubOptions, isHubName } from "../../weights/hub.ts";
import { classifierFile } from "../classifier_folder.ts";
import { openLocalClassifier } from "./local_classifier.ts";
import { openPerspective, type PerspectiveOptions } from "./perspective.ts";
import type { Scorer } from "./scorer.ts";
import { isTransformersClassifier, openTransformersClassifier } from "./transformers_classifier.ts";
import { openWorldScorer } from "./world.ts";

/** Options of `openScorer`; each kind of scorer takes those that are its own. */
export interface ScorerOptions extends HubOptions {
  /** How the weights of a transformers.js classifier are stored. Default: "fp32". */
  dtype?: Dtype;
  /** Where a transformers.js classifier computes. Default: the CPU. */
  device?: Device;
  /** Settings of the Perspective API. */
  perspective?: PerspectiveOptions;
}

/** A kind of scorer. */
export interface ScorerKind {
  /** What it is called by, for messages. */
  readonly calledBy: string;
  readonly what: string;
  /** Whether it is this kind that is called so. */
  matches(what: string): boolean | Promise<boolean>;
  open(what: string, options: ScorerOptions): Scorer | Promise<Scorer>;
}

const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);

/** Every kind of scorer; the first that matches is it. */
export const scorerKinds: readonly ScorerKind[] = [
  {
    calledBy: "world",
    what: "the exact truth of the small world",
    matches: (what) => what === "world",
    open: () => openWorldScorer(),
  },
  {
    calledBy: "perspective",
    what: "Google's Perspective API, until it ends on 31 December 2026",
    matches: (what) => what === "perspective",
    open: (_, { perspective }) => openPerspective(perspective),
  },
  {
    calledBy: "a folder",
    what: "what `deno task train classifier` wrote",
    matches: (what) => isThere(join(what, classifierFile)),
    open: (what) => openLocalClassifier(what),
  },
  {
    calledBy: "a folder, or a name on the Hugging Face hub",
    what: "a text classifier of transformers.js",
    matches: async (what) =>
      await isThere(what) ? await isTransformersClassifier(what) : isHubName(what),
    open: (what, { perspective: _, ...options }) => openTransformersClassifier(what, options),
  },
];

/**
 * Opens a scorer by what it is called: see `scorerKinds`.
 *
 * @throws Error, one sentence, if nothing is called so or it cannot be opened.
 */
export async function openScorer(what: string, options: ScorerOptions = {}): Promise<Scorer> {
  for (const kind of scorerKinds) {
    if (await kind.matches(what)) return await kind.open(what, options);
  }
  throw new Error(
    `There is no scorer '${what}': name ${
      scorerKinds.map(({ calledBy, what }) => `${calledBy} (${what})`).join(", ")
    }`,
  );
}
