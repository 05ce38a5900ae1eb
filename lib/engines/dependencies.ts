import { before, keyOf } from "../stages/stage.ts";
import type { PlannedStage } from "../stages/stage_store.ts";
import type { Device } from "../runtime/device.ts";

/** The stages of a plan that are still to be made, in an order in which one can come after another. */
export class Dependencies {
  /** How many of those that a stage needs are still to be made. */
  readonly #open = new Map<string, number>();
  readonly #stages = new Map<string, PlannedStage>();
  readonly #dependents = new Map<string, string[]>();
  #ready: PlannedStage[] = [];

  constructor(missing: readonly PlannedStage[], device: Device) {
    for (const planned of missing) this.#stages.set(planned.key, planned);
    for (const planned of missing) {
      const needs = new Set(before(planned.stage).map((need) => keyOf(need, device)));
      const open = [...needs].filter((key) => this.#stages.has(key));
      this.#open.set(planned.key, open.length);
      for (const key of open) {
        this.#dependents.set(key, [...this.#dependents.get(key) ?? [], planned.key]);
      }
      if (open.length === 0) this.#ready.push(planned);
    }
  }

  /** The next stage all of whose needs are there, if there is one; it is given once. */
  next(): PlannedStage | undefined {
    return this.#ready.shift();
  }

  /** Says that a stage was made. */
  done(key: string): void {
    for (const dependent of this.#dependents.get(key) ?? []) {
      const open = this.#open.get(dependent)! - 1;
      this.#open.set(dependent, open);
      if (open === 0) this.#ready.push(this.#stages.get(dependent)!);
    }
  }
}
