import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import { Session } from "../runtime/session.ts";
import type { Value } from "../runtime/value.ts";
import { drawAsFed, drawFeeds, type DrawSettings, type DrawShape, drawShapeOf } from "./draw.ts";

/** Draws candidates in a graph of its own, always on the CPU: k numbers a row are not worth a GPU's trip. */
export class Drawer implements AsyncDisposable {
  readonly #session: Session;
  readonly #feeds: Readonly<Record<string, Value>>;

  private constructor(session: Session, feeds: Readonly<Record<string, Value>>) {
    this.#session = session;
    this.#feeds = feeds;
  }

  static async open(settings: DrawSettings): Promise<Drawer> {
    return await Drawer.openFed(drawShapeOf(settings), drawFeeds(settings));
  }

  /** @param feeds those of the shape's settings that hold for every draw. */
  static async openFed(
    shape: DrawShape,
    feeds: Readonly<Record<string, Value>> = {},
  ): Promise<Drawer> {
    const guided = input("guided", "float32", ["batch", "k"]);
    const noise = input("noise", "float32", ["batch", "k"]);
    const places = drawAsFed(guided, noise, shape);
    const session = await Session.open(compile({ places }), { name: "cpu" }, {
      spinning: false,
      threads: 1,
    });
    return new Drawer(session, feeds);
  }

  /** Draws a place a row from guided logits and noise, `[rows, k]` each. @param feeds those of this draw alone. */
  async draw(
    guided: Value,
    noise: Value,
    feeds: Readonly<Record<string, Value>> = {},
  ): Promise<number[]> {
    const { places } = await this.#session.run({ guided, noise, ...this.#feeds, ...feeds });
    return Array.from(places.data as BigInt64Array, Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
