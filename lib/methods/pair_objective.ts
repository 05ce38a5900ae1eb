import { multiply } from "../graph/dim.ts";
import { add, asRows, gather, mul, reshape, slice } from "../graph/ops/mod.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { bradleyTerryLoss } from "../loss/bradley_terry.ts";
import { cumulativeWeights } from "../loss/cumulative.ts";
import { weightsBy } from "../loss/weights.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { outputEmbeddings } from "../models/language_model_head.ts";
import type { Parameters, ParameterShapes } from "../models/parameters.ts";
import { floats, integers, type Value } from "../runtime/value.ts";
import { type Example, longest, type Objective, type Part, table } from "../train/objective.ts";

type Float = Tensor<"float32">;

const perToken = ["batch", "time"];
const perPair = [2, ...perToken];

/** Both texts of every pair as a graph reads them: those that are chosen come first. */
export interface PairStates {
  /** Hidden states, `[2·batch·time, d]`. */
  readonly hidden: Float;
  /** The output embeddings of tokens that are fed by this name, `[2, batch, time]` → `[2·batch·time, d]`. */
  embeddingsOf(tokens: string): Float;
}

/** Reads the texts that `pairFeeds` feeds. */
export function readPairs(backbone: Backbone, parameters: Parameters): PairStates {
  const rows = [multiply(2, "batch"), "time"];
  const { hidden } = forward(backbone, parameters, {
    ids: reshape(input("ids", "int64", perPair), rows),
    mask: reshape(input("mask", "float32", perPair), rows),
  });
  const looked = new Map<string, Float>();
  return {
    hidden,
    embeddingsOf(tokens) {
      if (!looked.has(tokens)) {
        const ids = reshape(input(tokens, "int64", perPair), rows);
        looked.set(tokens, asRows(gather(outputEmbeddings(backbone, parameters), ids)));
      }
      return looked.get(tokens)!;
    },
  };
}

/** How the texts of pairs are read. */
export interface PairReading {
  /** What a token is rated from: the state that has read all before it (and BOS first), or the one that has read it too. */
  readonly rates: "next" | "read";
  /** Whether the end of a text is a token of it. */
  readonly ends: boolean;
}

/** The texts of a part's pairs: those chosen, then the others. */
export interface Sides {
  /** Pairs of the part. */
  readonly batch: number;
  /** Tokens of the longest text. */
  readonly time: number;
  /** The tokens of each text, with its end where that is one, and how many of them are the prompt's. */
  readonly texts: readonly { readonly tokens: readonly number[]; readonly given: number }[];
}

/** What is read of a part's pairs. */
export function sidesOf(
  { endOfText }: Pick<Backbone, "endOfText">,
  { examples }: Pick<Part, "examples">,
  { ends }: Pick<PairReading, "ends">,
): Sides {
  const both = [...examples, ...examples.map(rejectedOf)];
  return {
    batch: examples.length,
    time: longest(examples) + (ends ? 1 : 0),
    texts: both.map(({ ids, given = 0, goesOn }) => ({
      tokens: [...Array.from(ids), ...(ends && !goesOn ? [endOfText] : [])],
      given,
    })),
  };
}

function rejectedOf({ rejected }: Example): Example {
  if (rejected) return rejected;
  throw new TypeError("A pair has no rejected text: read them with readPreferencePairs().");
}

/** A table of all places of both texts, `[2, batch, time]`. */
export function perPlace(
  { batch, time }: Sides,
  fill: (text: number, place: number) => number,
): Float32Array {
  return Float32Array.from(table(2 * batch, time, fill));
}

/** What the graph of `readPairs` is fed, with the tokens that are rated as `targets` where they are the next ones. */
export function pairFeeds(
  { bos, endOfText }: Pick<Backbone, "bos" | "endOfText">,
  sides: Sides,
  { rates }: PairReading,
): Record<string, Value> {
  const { batch, time, texts } = sides;
  const shape = [2, batch, time];
  const tokenAt = (text: number, place: number) => texts[text].tokens[place] ?? endOfText;
  const ids = (shift: number) =>
    integers(
      shape,
      table(2 * batch, time, (text, t) => t < shift ? bos : tokenAt(text, t - shift)),
    );
  return {
    ids: ids(rates === "next" ? 1 : 0),
    mask: floats(shape, perPlace(sides, (text, t) => t < texts[text].tokens.length ? 1 : 0)),
    ...(rates === "next" ? { targets: ids(0) } : {}),
  };
}

/** What else a model is trained to do. */
export interface FurtherLoss {
  /** What metrics call it. */
  readonly name: string;
  /** How much it counts; it is left out at 0. */
  readonly coefficient: number;
  loss(parameters: Parameters, states: PairStates): Float;
  feeds(sides: Sides, part: Part): Record<string, Value>;
}

/** How values of a text's places are compared with those of another's. */
export interface PairTraining extends PairReading {
  /** All parameters of the model. */
  readonly shapes: ParameterShapes;
  readonly frozen: ReadonlySet<string>;
  /** The value of every place, `[2·batch·time, 1]`. */
  value(parameters: Parameters, states: PairStates): Float;
  /**
   * Which prefixes of the answers are compared: all, the first with the first and so on, later ones weighing more as in the
   * cumulative loss (3), where of the shorter text the last is compared with all that follow; or whole texts alone.
   */
  readonly compares: "prefixes" | "texts";
  readonly further?: FurtherLoss;
}

/** Training a model whose values of prefixes say which text of a pair is preferred, by the loss of Bradley and Terry. */
export function pairObjective(backbone: Backbone, training: PairTraining): Objective {
  const { shapes, frozen, compares } = training;
  const further = training.further?.coefficient ? training.further : undefined;
  return {
    shapes,
    frozen,

    loss(parameters) {
      const states = readPairs(backbone, parameters);
      const values = training.value(parameters, states);
      const compared = gather(values, input("places", "int64", perPair));
      const [chosen, rejected] = [0, 1].map((side) =>
        reshape(slice(compared, 0, side, side + 1), perToken)
      );
      const preference = bradleyTerryLoss(chosen, rejected, input("weights", "float32", perToken));
      const terms: Record<string, Float> = { bradley_terry: preference };
      if (!further) return { loss: preference, terms };
      terms[further.name] = further.loss(parameters, states);
      return { loss: add(preference, mul(terms[further.name], further.coefficient)), terms };
    },

    feeds(part) {
      const sides = sidesOf(backbone, part, training);
      const { batch, time, texts } = sides;
      const answers = texts.map(({ tokens, given }) => tokens.length - given);
      const longer = part.examples.map((_, i) => Math.max(answers[i], answers[batch + i]));
      /** Where the first so many tokens of an answer end, or the whole where it has fewer. */
      const endOf = (text: number, count: number) =>
        text * time + texts[text].given + Math.min(answers[text], count) - 1;
      const shape = { lengths: longer, time, rows: part.rows, tokens: part.tokens };
      const last = { ...shape, lengths: longer.map(() => 1) };
      return Promise.resolve({
        ...pairFeeds(backbone, sides, training),
        places: integers(
          [2, batch, time],
          table(2 * batch, time, (text, t) => endOf(text, compares === "texts" ? time : t + 1)),
        ),
        weights: floats(
          [batch, time],
          compares === "prefixes" ? cumulativeWeights(shape) : weightsBy(last, () => 1 / part.rows),
        ),
        ...further?.feeds(sides, part),
      });
    },

    // a prediction that prefers neither text of any pair
    constantLosses: () =>
      Promise.resolve({ loss: Math.LN2, ...(further ? { bradley_terry: Math.LN2 } : {}) }),
  };
}
