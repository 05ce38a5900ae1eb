import {
  add,
  cast,
  concat,
  expand,
  gather,
  gatherLast,
  greaterOrEqual,
  identity,
  loop,
  mul,
  reduceSum,
  reshape,
  sub,
  topK,
  unsqueeze,
} from "../graph/ops/mod.ts";
import { compile, type Program } from "../graph/program.ts";
import { constant, input, scalar, type Tensor } from "../graph/tensor.ts";
import { BufferPool } from "../inference/buffer_pool.ts";
import { RowMover } from "../inference/growing_cache.ts";
import type { BasePart, RaterPart, StepInputs, StepState } from "../inference/part.ts";
import {
  cacheOutputNames,
  partInputs,
  partOutputs,
  type PastInputs,
} from "../inference/part_graph.ts";
import { pastInputsOn } from "../inference/part_state.ts";
import { rowPastInputs } from "../inference/row_slots.ts";
import type { LayerCache } from "../models/backbone.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import { floats, type Value } from "../runtime/value.ts";
import { drawAsFed, type DrawShape } from "./draw.ts";
import { type GuidanceShape, guide, type Guided } from "./guidance.ts";
import { penalizedAsFed } from "./repetition_penalty.ts";

type Float = Tensor<"float32">;

/** The parts that are one graph, and the shape of the guidance between them. */
export interface GuidedShape extends GuidanceShape {
  readonly base: BasePart;
  readonly raters: readonly RaterPart[];
  /** The cuts before a token is drawn. */
  readonly cuts: DrawShape;
  /** Whether tokens that were read are penalized. */
  readonly penalizes: boolean;
  /**
   * Whether the graph can take several steps in one run; only in memory. While it is loaded, the runtime then has all
   * weights twice, because it gives back what it packs for a loop's body only at the end.
   */
  readonly loops: boolean;
}

/** What the parts are called in the graph, the base model first. */
export const partNamesOf = ({ raters }: GuidedShape): string[] => [
  "base",
  ...raters.map((_, i) => `guide${i}`),
];

/** Outputs of a run that say what was chosen, and from what: `[batch, …]`, of a graph that loops `[turns, batch, …]`. */
export const choiceNames = {
  places: "places",
  candidates: "candidates",
  logits: "logits",
  guided: "guided",
  scores: (guide: number) => `scores.${guide}`,
};

/**
 * The whole guided step as one graph: the base model and the reward models read a token, the top k of the base are
 * rated, guided and drawn from, with the noise as an input. A graph that loops repeats that by itself, as often as it
 * is told, until an eighth of the texts have ended.
 */
export class GuidedSession implements AsyncDisposable {
  readonly shape: GuidedShape;
  readonly session: Session;
  /** Moves rows of caches on a GPU. */
  readonly mover: RowMover | undefined;
  /** Where the caches of batches come from and go to. */
  readonly pool: BufferPool = new BufferPool();

  private constructor(shape: GuidedShape, session: Session, mover: RowMover | undefined) {
    this.shape = shape;
    this.session = session;
    this.mover = mover;
  }

  static async open(shape: GuidedShape, device: Device): Promise<GuidedSession> {
    const parts = [shape.base, ...shape.raters];
    const names = partNamesOf(shape);
    const isMoved = device.name !== "cpu" && !shape.perRow;
    const mover = isMoved ? await RowMover.open(device) : undefined;
    await using opened = new AsyncDisposableStack();
    opened.use(mover);
    const kept = shape.perRow ? [] : parts;
    const session = await Session.open(
      shape.loops ? loopProgram(shape, device) : guidedStepProgram(
        shape,
        shape.perRow ? rowPastInputs : pastInputsOn(device, { inLoop: false }),
      ),
      device,
      { onDevice: kept.flatMap((part, i) => cacheOutputNames(part, names[i])) },
    );
    opened.move();
    return new GuidedSession(shape, session, mover);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.mover?.[Symbol.asyncDispose]();
  }
}

/** What one step of all parts computes. */
interface GuidedStep extends Guided {
  readonly states: readonly StepState[];
  /** `[batch]`. */
  readonly places: Tensor<"int64">;
}

/**
 * @param noise `[batch, k]`.
 * @param seen the tokens that were read, `[batch, n]`, where they are penalized.
 */
function guidedStep(
  shape: GuidedShape,
  inputs: readonly StepInputs[],
  noise: Float,
  seen: Tensor<"int64"> | undefined,
): GuidedStep {
  const { base, raters, wholeVocabulary, cuts } = shape;
  const { logits: own, statesAbove, ...baseState } = base.logits(inputs[0]);
  const all = seen ? penalizedAsFed(own, seen) : own;
  const [top, candidates] = wholeVocabulary ? [all] : topK(all, "$k");
  const logits = shape.perRow ? add(top, leftOutInput()) : top;
  const rated = raters.map((rater, i) => {
    const given = inputs[1 + i];
    if (rater.trunk === undefined) return rater.rate(given, candidates);
    // it reads the base model's tokens, of which both have the same
    return rater.rate({ ...given, ids: inputs[0].ids }, candidates, statesAbove(rater.trunk));
  });
  const guided = guide(shape, logits, candidates, rated.map(({ scores }) => scores));
  const places = drawAsFed(guided.guided, noise, cuts);
  return { ...guided, states: [baseState, ...rated], places };
}

/** `[batch, 1]`. */
const tokensOf = ({ candidates, places }: GuidedStep): Tensor<"int64"> =>
  gatherLast(candidates, unsqueeze(places, [1]));

/** What is given out of a step, by name. */
function choicesOf(step: GuidedStep): Record<string, Tensor> {
  const { places, candidates, logits, guided, scores } = step;
  return {
    [choiceNames.places]: places,
    [choiceNames.candidates]: candidates,
    [choiceNames.logits]: logits,
    // what nothing steers is guided by its own logits
    [choiceNames.guided]: guided === logits ? identity(guided) : guided,
    ...Object.fromEntries(scores.map((x, i) => [choiceNames.scores(i), x])),
  };
}

/** The tokens that were read, those of this step included, where they are penalized: `[batch, seen]`. */
const seenInput = ({ penalizes }: GuidedShape): Tensor<"int64"> | undefined =>
  penalizes ? input("seen", "int64", ["batch", "seen"]) : undefined;

const leftOut = "left_out";

/** Added to the logits of the candidates, where rows differ in how many they have: `[batch, k]`. */
const leftOutInput = (): Float => input(leftOut, "float32", ["batch", "$k"]);

/** Feeds it. @param counts how many of k candidates each row has. */
export function leftOutFeeds(counts: readonly number[], k: number): Record<string, Value> {
  const added = new Float32Array(counts.length * k);
  counts.forEach((count, row) => added.fill(-Infinity, row * k + count, (row + 1) * k));
  return { [leftOut]: floats([counts.length, k], added) };
}

const noiseInput = (): Float => input("noise", "float32", ["turns", "batch", "$k"]);

function inputsOf(shape: GuidedShape, past: PastInputs): StepInputs[] {
  const names = partNamesOf(shape);
  return [shape.base, ...shape.raters].map((part, i) => partInputs(part, names[i], past));
}

function statesOf(shape: GuidedShape, states: readonly StepState[]): Record<string, Float> {
  const names = partNamesOf(shape);
  return Object.assign({}, ...states.map((state, i) => partOutputs(names[i], state)));
}

/** One step, whatever `shape.loops` says. @param past how what was read before is fed. */
export function guidedStepProgram(shape: GuidedShape, past: PastInputs): Program {
  const noise = reshape(gather(noiseInput(), constant("int64", [1], [0])), ["batch", "$k"]);
  const step = guidedStep(shape, inputsOf(shape, past), noise, seenInput(shape));
  return compile({ ...choicesOf(step), ...statesOf(shape, step.states) });
}

/** As many steps as the input `turns` says, or until an eighth of the texts have ended. */
function loopProgram(shape: GuidedShape, device: Device): Program {
  const inputs = inputsOf(shape, pastInputsOn(device, { inLoop: true }));
  const noise = noiseInput();
  const ends = input("ends", "int64", ["ends"]);
  const running = expand(scalar("float32", 0), ["batch"]);
  let names: string[] = [];
  const initial = inputs.flatMap((part) => flat(part.ids, stateOf(part)));
  const read = seenInput(shape);
  const { carried, stacked } = loop(
    input("steps", "int64", []),
    [running, ...(read ? [read] : []), ...initial],
    (turn, [ended, ...rest]) => {
      const [seen, carried] = read
        ? [rest[0] as Tensor<"int64">, rest.slice(1)]
        : [undefined, rest];
      const turnInputs = unflattened(inputs, carried);
      const step = guidedStep(shape, turnInputs, gather(noise, turn), seen);
      const tokens = tokensOf(step);
      const choices = choicesOf(step);
      names = Object.keys(choices);
      const nowEnded = add(ended as Float, mul(sub(1, ended as Float), isEnd(tokens, ends)));
      return {
        carried: [
          nowEnded,
          ...(seen ? [concat([seen, tokens], 1)] : []),
          ...step.states.flatMap((state) => flat(tokens, state)),
        ],
        // fewer than an eighth: Σ (1 − 8 ended) ≥ 1
        goOn: greaterOrEqual(reduceSum(sub(1, mul(nowEnded, 8)), [0]), scalar("float32", 1)),
        stacked: Object.values(choices),
      };
    },
  );
  const last = unflattened(inputs, carried.slice(read ? 2 : 1)).map(stateOf);
  return compile({
    ...Object.fromEntries(stacked.map((x, i) => [names[i], x])),
    ...statesOf(shape, last),
  });
}

/** 1 for the rows whose token is among those that end a text: `[batch, 1]`, `[ends]` → `[batch]`. */
function isEnd(tokens: Tensor<"int64">, ends: Tensor<"int64">): Float {
  const equal = mul(
    cast(greaterOrEqual(tokens, ends), "float32"),
    cast(greaterOrEqual(ends, tokens), "float32"),
  );
  return reduceSum(equal, [1]);
}

const stateOf = ({ past, running }: StepInputs): StepState => ({ fresh: past.fresh!, running });

/** What a part carries through the loop, in one list. */
function flat(ids: Tensor<"int64">, { fresh, running }: StepState): Tensor[] {
  const names = Object.keys(running).sort();
  return [
    ids,
    ...fresh.flatMap(({ key, value }) => [key, value]),
    ...names.map((name) => running[name]),
  ];
}

/** The inputs of all parts, with what they carry taken from such a list. */
function unflattened(inputs: readonly StepInputs[], carried: readonly Tensor[]): StepInputs[] {
  let at = 0;
  const next = () => carried[at++];
  return inputs.map(({ past, running }) => ({
    ids: next() as Tensor<"int64">,
    past: {
      ...past,
      fresh: past.fresh!.map((): LayerCache => ({ key: next() as Float, value: next() as Float })),
    },
    running: Object.fromEntries(
      Object.keys(running).sort().map((name) => [name, next() as Float]),
    ),
  }));
}
