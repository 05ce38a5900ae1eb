import { delay } from "./delay.ts";

/** How many milliseconds one piece of work goes on before others have their turn. */
const TURN = 100;

/**
 * Lets other work have its turn in between: timers, signals and the messages of a notebook. Awaiting a run of ONNX
 * Runtime is not enough: Deno then sees to these only once in dozens of rounds of its event loop, as something is always
 * ready, and a Stop may wait for as many steps. A timer makes it wait and look.
 */
export class Turns {
  #began = performance.now();

  /** To be awaited between steps, as often as one likes: most often it costs nothing. */
  async take(): Promise<void> {
    if (performance.now() - this.#began < TURN) return;
    await delay(0);
    this.#began = performance.now();
  }
}
