import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { Session } from "../runtime/session.ts";
import type { Value } from "../runtime/value.ts";
import { drawAsFed, drawFeeds, type DrawSettings, drawShapeOf } from "./draw.ts";

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
    const noise = input("noise", "float32", ["batch", "k"]);
    const places = drawAsFed(guided, noise, drawShapeOf(settings));
    const session = await Session.open(compile({ places }), { name: "cpu" }, {
      spinning: false,
      threads: 1,
    });
    return new Drawer(session, settings);
  }

  /** Draws a place a row from guided logits and noise, `[rows, k]` each. */
  async draw(guided: Value, noise: Value): Promise<number[]> {
    const feeds = { guided, noise, ...drawFeeds(this.#settings) };
    const { places } = await this.#session.run(feeds);
    return Array.from(places.data as BigInt64Array, Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
