import { add, argMax, div } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { Random } from "../random.ts";
import { Session } from "../runtime/session.ts";
import { floats, type Value } from "../runtime/value.ts";
import { guidedLogits, type Steering, steeringFeeds } from "./guidance.ts";

type Float = Tensor<"float32">;

/** The choice of one token a row among k candidates. */
export interface Choice {
  /** Places among the candidates, one a row. */
  readonly places: readonly number[];
  /** Guided logits, float32 `[rows, k]`. */
  readonly guided: Float32Array;
}

/**
 * Guidance and sampling as one small graph: guided logits, divided by the temperature, plus Gumbel noise, and
 * the largest wins. That samples the softmax; without noise it takes the likeliest token.
 */
export class Sampler implements AsyncDisposable {
  readonly #session: Session;
  readonly #steering: Record<string, Value> | undefined;

  private constructor(session: Session, steering: Record<string, Value> | undefined) {
    this.#session = session;
    this.#steering = steering;
  }

  /** Always on the CPU: k numbers a row are not worth a GPU's trip. */
  static async open(steering: readonly Steering[]): Promise<Sampler> {
    const program = compile(samplingGraph(steering.length > 0));
    const session = await Session.open(program, { name: "cpu" }, { spinning: false, threads: 1 });
    return new Sampler(session, steering.length > 0 ? steeringFeeds(steering) : undefined);
  }

  /**
   * Chooses one candidate a row.
   *
   * @param logits float32 `[rows, k]`.
   * @param rewards float32 `[rows, scores, k]`, where there is steering.
   * @param temperature 0 for the likeliest candidate.
   * @param streams one stream of random numbers a row.
   */
  async choose(
    logits: Value,
    rewards: Value | undefined,
    temperature: number,
    streams: readonly Random[],
  ): Promise<Choice> {
    const [rows, k] = logits.dims;
    const noise = new Float32Array(rows * k);
    if (temperature > 0) {
      for (let i = 0; i < noise.length; i++) noise[i] = streams[Math.floor(i / k)].gumbel();
    }
    const { guided, place } = await this.#session.run({
      logits,
      noise: floats([rows, k], noise),
      temperature: floats([], Float32Array.of(temperature > 0 ? temperature : 1)),
      ...(rewards && { rewards, ...this.#steering }),
    });
    return {
      places: Array.from(place.data as BigInt64Array, Number),
      guided: guided.data as Float32Array,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

function samplingGraph(steered: boolean): Record<string, Tensor> {
  const logits = input("logits", "float32", ["batch", "k"]);
  const rewards = input("rewards", "float32", ["batch", "scores", "k"]);
  const guided: Float = steered ? guidedLogits(logits, rewards) : add(logits, 0);
  const noise = input("noise", "float32", ["batch", "k"]);
  const noisy = add(div(guided, input("temperature", "float32", [])), noise);
  return { guided, place: argMax(noisy) };
}
