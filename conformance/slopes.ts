import { gradients } from "../lib/graph/gradient.ts";
import { compile } from "../lib/graph/program.ts";
import { fedParameters } from "../lib/models/parameters.ts";
import type { Device } from "../lib/runtime/device.ts";
import { Session } from "../lib/runtime/session.ts";
import { floats } from "../lib/runtime/value.ts";
import { globalNorm } from "../lib/train/adamw.ts";
import type { Objective, Part } from "../lib/train/objective.ts";
import type { NumericArray } from "./compare.ts";
import { numbersOf } from "./run_once.ts";

/** The gradients of an objective's loss at given parameters. */
export class Slopes implements AsyncDisposable {
  readonly #objective: Objective;
  readonly #session: Session;

  private constructor(objective: Objective, session: Session) {
    this.#objective = objective;
    this.#session = session;
  }

  static async open(objective: Objective, device: Device): Promise<Slopes> {
    const parameters = fedParameters();
    const { loss } = objective.loss(parameters);
    const trained = [...objective.shapes].filter(([name]) => !objective.frozen.has(name));
    const slopes = gradients(loss, trained.map(([name, shape]) => parameters(name, shape)));
    const named = slopes.map((slope, i) => [`grad.${trained[i][0]}`, slope]);
    const program = compile({ norm: globalNorm(slopes), ...Object.fromEntries(named) });
    return new Slopes(objective, await Session.open(program, device));
  }

  /** The gradients by parameter, and their global norm. */
  async at(
    parameters: ReadonlyMap<string, Float32Array>,
    part: Part,
  ): Promise<{ gradients: Map<string, NumericArray>; norm: number }> {
    const { shapes } = this.#objective;
    const values = [...parameters].map(([name, data]) => [name, floats(shapes.get(name)!, data)]);
    const { norm, ...slopes } = await this.#session.run({
      ...Object.fromEntries(values),
      ...await this.#objective.feeds(part),
    });
    const named = Object.entries(slopes).map(([name, value]) =>
      [name.slice("grad.".length), numbersOf(value)] as const
    );
    return { gradients: new Map(named), norm: (norm.data as Float32Array)[0] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
