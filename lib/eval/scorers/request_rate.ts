import { delay } from "../../delay.ts";

/** Spaces out requests, so that there are no more than so many a second, and lets all of them pause together. */
export class RequestRate {
  readonly #interval: number;
  #next = 0;

  /** @throws RangeError if the rate is not positive. */
  constructor(perSecond: number) {
    if (!(perSecond > 0)) {
      throw new RangeError(`Requests a second must be more than 0: there are ${perSecond}`);
    }
    this.#interval = 1000 / perSecond;
  }

  /** Waits for this request's turn. @throws the signal's reason if it aborts. */
  async turn(signal?: AbortSignal): Promise<void> {
    while (true) {
      signal?.throwIfAborted();
      const wait = this.#next - performance.now();
      if (wait <= 0) break;
      await delay(wait, signal);
    }
    this.#next = Math.max(this.#next, performance.now()) + this.#interval;
  }

  /** No request has its turn before so many milliseconds are over. */
  pause(milliseconds: number): void {
    this.#next = Math.max(this.#next, performance.now() + milliseconds);
  }
}
