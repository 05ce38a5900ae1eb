import type { MediaBundle } from "./display.ts";
import { type NotebookKernel, notebookKernel } from "./kernel.ts";

/** An output of a notebook's cell that changes in place while the cell runs. */
export class LiveOutput {
  readonly #kernel: NotebookKernel;
  readonly #displayId = crypto.randomUUID();
  #isShown = false;

  constructor(kernel: NotebookKernel) {
    this.#kernel = kernel;
  }

  /** An output of the cell that runs now; nothing outside of notebooks. */
  static here(): LiveOutput | undefined {
    const kernel = notebookKernel();
    return kernel && new LiveOutput(kernel);
  }

  /**
   * Shows this in place of what was shown before.
   *
   * @param metadata what is said of it, and stored with it. Default: nothing.
   */
  show(data: MediaBundle, metadata: Record<string, unknown> = {}): void {
    const type = this.#isShown ? "update_display_data" : "display_data";
    this.#isShown = true;
    const content = { data, metadata, transient: { display_id: this.#displayId } };
    // Never a reason for the work itself to fail. (Deno 2.9 sends at once and returns nothing, where
    // its types promise a promise; hence `Promise.try`.)
    Promise.try(() => this.#kernel.broadcast(type, content)).catch(() => {});
  }
}
