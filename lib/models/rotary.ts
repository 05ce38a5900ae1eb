import type { Dim } from "../graph/dim.ts";
import { add, cast, concat, cos, mul, sin, slice, sub, unsqueeze } from "../graph/ops/mod.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import type { ConfigJson } from "./config_json.ts";
import { places } from "./places.ts";

type Float = Tensor<"float32">;

/**
 * Rotary positions (Su et al., 2021): the pairs (x_i, x_(i + n)) of a head are turned by `frequencies[i]` radians a position, in
 * Hugging Face's layout, where the two halves of what is turned lie one behind the other. What is behind them stays.
 */
export interface Rotary {
  readonly frequencies: readonly number[];
}

/** Cosines and sines of the tokens' angles, `[batch or 1, 1, time, n]` each. */
export interface Angles {
  readonly cos: Float;
  readonly sin: Float;
}

/** The angles of tokens. @param positions `[batch, time]`; undefined for 0 … time − 1. */
export function anglesOf(
  { frequencies }: Rotary,
  positions: Tensor<"int64"> | undefined,
  time: Dim,
  context: number,
): Angles {
  const position = positions
    ? unsqueeze(asNumbers(positions), [1, 3])
    : unsqueeze(slice(places(context), 0, 0, time), [0, 1, 3]);
  const angle = mul(position, constant("float32", [frequencies.length], frequencies));
  return { cos: cos(angle), sin: sin(angle) };
}

/** Positions to compute with. Those that were made integers of numbers, to look up rows, are these numbers. */
function asNumbers(positions: Tensor<"int64">): Float {
  const { source } = positions;
  const [before] = source.kind === "node" && source.node.op.name === "Cast"
    ? source.node.inputs
    : [];
  return before?.dtype === "float32" ? before as Float : cast(positions, "float32");
}

/** Turns queries or keys, `[batch, heads, time, size]`. */
export function rotate(x: Float, { cos, sin }: Angles): Float {
  const half = Number(cos.shape[3]);
  const size = Number(x.shape[3]);
  const first = slice(x, 3, 0, half);
  const second = slice(x, 3, half, 2 * half);
  return concat([
    sub(mul(first, cos), mul(second, sin)),
    add(mul(second, cos), mul(first, sin)),
    ...(2 * half < size ? [slice(x, 3, 2 * half, size)] : []),
  ], 3);
}

/** Where config.json has the settings of rotary positions that older releases spelled otherwise. */
export interface RotaryKeys {
  /** The key of `rope_parameters` that holds them, where there are several kinds of layers. */
  readonly kind?: string;
  /** The base's key before `rope_parameters`. Default `rope_theta`. */
  readonly theta?: string;
  /** The base where none is given. Default 10,000. */
  readonly defaultTheta?: number;
  /** The key of the part that is turned. Default `partial_rotary_factor`. */
  readonly partial?: string;
  /** The part where none is given. Default: all. */
  readonly defaultPartial?: number;
  /** Whether `rope_scaling` is of these layers. Default true. */
  readonly scaled?: boolean;
}

/** More values than a head of any model has: each of them takes memory before a weight is looked for. */
const mostTurned = 2 ** 16;

/**
 * Reads rotary positions from config.json, as transformers 5 spells them (`rope_parameters`) or as the releases before
 * (`rope_theta`, `rope_scaling`).
 *
 * @param size of a head.
 * @throws {TypeError} if the frequencies are scaled in a way that is not supported.
 * @throws {RangeError} if a number is impossible.
 */
export function readRotary(config: ConfigJson, size: number, keys: RotaryKeys = {}): Rotary {
  const { kind, theta: oldTheta = "rope_theta", defaultTheta = 1e4 } = keys;
  const { partial: oldPartial = "partial_rotary_factor", defaultPartial = 1, scaled = true } = keys;
  const all = config.within("rope_parameters");
  const own = (kind === undefined ? undefined : all?.within(kind)) ?? all;
  const theta = own?.values.rope_theta === undefined
    ? config.positive(oldTheta, defaultTheta)
    : own.positive("rope_theta");
  const partial = own?.values.partial_rotary_factor === undefined
    ? config.positive(oldPartial, defaultPartial)
    : own.positive("partial_rotary_factor");
  const turned = Math.trunc(size * partial);
  if (partial > 1 || turned > mostTurned) {
    throw new RangeError(
      `${config.where} says that ${partial} of the ${size} values of a head are turned; it must be 1 at most, and no more than ` +
        `${mostTurned} values.`,
    );
  }
  // in float32 throughout, as the reference computes them
  const frequencies = Array.from(
    { length: Math.floor(turned / 2) },
    (_, i) => Math.fround(1 / Math.fround(theta ** Math.fround(2 * i / turned))),
  );
  const scaling = own ?? (scaled ? config.within("rope_scaling") : undefined);
  if (!scaling) return { frequencies };
  const key = scaling.values.rope_type === undefined ? "type" : "rope_type";
  switch (scaling.oneOf(key, ["default", "linear", "llama3", "dynamic", undefined])) {
    case "linear": {
      const factor = scaling.positive("factor");
      return { frequencies: frequencies.map((each) => Math.fround(each / factor)) };
    }
    case "llama3":
      return { frequencies: frequencies.map(llama3Scaling(scaling, config)) };
    // `dynamic` scales beyond the context only, which nothing here reads
    default:
      return { frequencies };
  }
}

/** Llama 3.1's scaling: low frequencies are divided by the factor, high ones stay, those between are interpolated. */
function llama3Scaling(scaling: ConfigJson, config: ConfigJson): (frequency: number) => number {
  const factor = scaling.positive("factor");
  const low = scaling.positive("low_freq_factor");
  const high = scaling.positive("high_freq_factor");
  const original = scaling.size(
    "original_max_position_embeddings",
    config.values.original_max_position_embeddings,
  );
  return (frequency) => {
    const wavelength = 2 * Math.PI / frequency;
    if (wavelength < original / high) return frequency;
    if (wavelength > original / low) return Math.fround(frequency / factor);
    const smooth = (original / wavelength - low) / (high - low);
    return Math.fround((1 - smooth) * frequency / factor + smooth * frequency);
  };
}
