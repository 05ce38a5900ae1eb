import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { reshape } from "../graph/ops/mod.ts";
import { Session } from "../runtime/session.ts";
import type { Value } from "../runtime/value.ts";
import { draw, drawFeeds, type DrawSettings, type Noise } from "./draw.ts";

/** Draws candidates in a graph of its own, always on the CPU: k numbers a row are not worth a GPU's trip. */
export class Drawer implements AsyncDisposable {
  readonly #session: Session;
  readonly #settings: DrawSettings;

  private constructor(session: Session, settings: DrawSettings) {
    this.#session = session;
    this.#settings = settings;
  }

  static async open(settings: DrawSettings): Promise<Drawer> {
    const guided = input("guided", "float32", ["batch", "k"]);
    const noise = reshape(input("noise", "float32", [1, "batch", "k"]), ["batch", "k"]);
    const places = draw(guided, noise, settings.topP !== undefined);
    const session = await Session.open(compile({ places }), { name: "cpu" }, {
      spinning: false,
      threads: 1,
    });
    return new Drawer(session, settings);
  }

  /** Draws a place a row from guided logits `[rows, k]`, with the next of the rows' noise. */
  async draw(guided: Value, noise: Noise): Promise<number[]> {
    const { places } = await this.#session.run({
      guided,
      noise: noise.next(1),
      ...drawFeeds(this.#settings),
    });
    noise.use(1);
    return Array.from(places.data as BigInt64Array, Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
