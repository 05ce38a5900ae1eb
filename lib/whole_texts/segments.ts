import { generationOf, stepsOf } from "../decode/generate.ts";
import type { StepTrace } from "../decode/generate_options.ts";
import { softmaxOf } from "../decode/row_filters.ts";
import { Random } from "../random.ts";
import type { BegunText, Writing } from "./whole_text_way.ts";

/** A text that a segment is written behind. */
export interface OpenText extends BegunText {
  readonly sample: number;
  /** How many segments were drawn for it before, so that each has random numbers of its own. */
  readonly attempts: number;
}

/** What follows a text up to where the base model is in doubt. */
export interface Segment {
  readonly ids: readonly number[];
  /** Whether the text ends with it, by a token or a stop string. */
  readonly ends: boolean;
}

/** A segment that is being written. */
interface Draft {
  readonly text: OpenText;
  readonly ids: number[];
  /** Whether the next token is one that the base model is in doubt of. */
  isCut: boolean;
  ends: boolean;
}

/**
 * Writes a segment behind each text: tokens of the base model's sampler up to one whose distribution has an entropy of at least the
 * threshold, and not fewer than `minSegment` nor more than `maxSegment` (Li et al., 2024).
 *
 * @returns nothing if it was stopped before the end, and the tokens that were drawn, those that were not kept included.
 */
export async function writeSegments(
  writing: Writing,
  texts: readonly OpenText[],
): Promise<{ readonly segments: readonly Segment[]; readonly drawn: number } | undefined> {
  const { maxSegment, maxNewTokens } = writing.settings;
  const drafts = texts.map((text): Draft => ({ text, ids: [], isCut: false, ends: false }));
  const left = ({ text, ids, isCut, ends }: Draft) =>
    isCut || ends ? 0 : Math.min(maxSegment, maxNewTokens - text.ids.length) - ids.length;
  let drawn = 0;
  for (let open = drafts; open.length > 0; open = open.filter((draft) => left(draft) > 0)) {
    const tokens = await writeSome(writing, open, left);
    if (tokens === undefined) return undefined;
    drawn += tokens;
  }
  return { segments: drafts.map(({ ids, ends }) => ({ ids, ends })), drawn };
}

/** Goes on with drafts as far as all of them have room. @returns the tokens drawn; nothing if it was stopped before. */
async function writeSome(
  writing: Writing,
  drafts: readonly Draft[],
  left: (draft: Draft) => number,
): Promise<number | undefined> {
  const { base, prompts, alone, settings: { seed, firstPrompt } } = writing;
  const read = drafts.map(({ text, ids }) => [...prompts[text.prompt].base, ...text.ids, ...ids]);
  const before = base.begin([0]).length - 1;
  const room = base.longestText - Math.max(...read.map(({ length }) => length - before));
  const most = Math.max(1, Math.min(room, Math.max(...drafts.map(left))));
  const begun = drafts.map(({ ids }) => ids.length);
  const { continuations, tokens, finished } = await generationOf(stepsOf(
    base,
    read.map((ids) => ({ base: ids, rated: [] })),
    {
      ...alone,
      samples: 1,
      maxNewTokens: most,
      progress: false,
      onStep: (step) => keepTokens(writing, drafts, step),
    },
    (row) => left(drafts[row]) <= 0,
    (row) => {
      const { prompt, sample, attempts } = drafts[row].text;
      return new Random(seed, "noise", firstPrompt + prompt, sample, attempts, begun[row]);
    },
  ));
  return finished && continuations.length === drafts.length ? tokens : undefined;
}

/** Takes what a step drew, where the base model was not in doubt. */
function keepTokens(
  { settings: { entropyThreshold, minSegment }, alone, isStopped }: Writing,
  drafts: readonly Draft[],
  step: StepTrace,
): void {
  const [, k] = step.logits.dims;
  const logits = step.logits.data as Float32Array;
  step.rows.forEach(({ prompt: draftOf }, row) => {
    const draft = drafts[draftOf];
    const own = logits.subarray(row * k, (row + 1) * k);
    if (draft.ids.length >= minSegment && entropyOf(own) >= entropyThreshold) draft.isCut = true;
    else if (alone.ends!.includes(step.tokens[row])) draft.ends = true;
    else {
      draft.ids.push(step.tokens[row]);
      draft.ends = isStopped(draft.text.prompt, [...draft.text.ids, ...draft.ids]);
    }
  });
}

/** The entropy of the softmax of logits, in nats. */
function entropyOf(logits: Float32Array): number {
  return softmaxOf(logits).reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
}
