import { delay } from "../../delay.ts";
import type { HubSettings } from "./hub_options.ts";

/** The longest time that a hub may ask us to wait, in seconds. */
const longestWait = 120;

/** What may be otherwise at the next try: the network, or a hub that has too much to do. */
export class Passing extends Error {
  /** @param wait seconds that the hub asks to wait. */
  constructor(message: string, readonly wait = 0, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The tries at one thing, with waits between them. */
export class Tries {
  readonly #settings: HubSettings;
  readonly #onWait: (note: string) => void;
  #failed = 0;

  /** @param onWait is told why it takes longer. */
  constructor(settings: HubSettings, onWait: (note: string) => void = () => {}) {
    this.#settings = settings;
    this.#onWait = onWait;
  }

  /**
   * Waits until it is time for the next try.
   *
   * @throws {Passing} the failure, if there have been enough tries or the wait would be too long.
   */
  async next(failure: Passing): Promise<void> {
    const { pause, tries, signal } = this.#settings;
    const wait = Math.max(pause * 2 ** this.#failed, failure.wait);
    if (++this.#failed >= tries || failure.wait > longestWait) throw failure;
    this.#onWait(`${failure.message.replace(/: .*/s, "")}, trying again in ${Math.ceil(wait)} s`);
    await delay(1000 * wait, signal);
  }

  /** Starts to count anew, after something was achieved. */
  renew(): void {
    this.#failed = 0;
  }
}
