import { LiveOutput } from "./notebook/live_output.ts";

/** Options of `Progress`. */
export interface ProgressOptions {
  /** What is going on, such as "Training". */
  label: string;
  /** How many units there are in all. */
  total: number;
  /** The name of what is counted, in the plural, such as "steps". */
  unit: string;
  /** How many units were there already, when work is resumed; the rate leaves them out. Default: 0. */
  start?: number;
  /**
   * Where the line is shown. Default: one line redrawn on a terminal, one output updated in place in
   * a notebook, nowhere if standard error is not a terminal or `CI` is set.
   */
  output?: ProgressOutput;
}

/** A place that shows one changing line of text. */
export interface ProgressOutput {
  /** How many characters the line may have. */
  readonly width: number;
  /** Shows `text` in place of what was shown before. */
  show(text: string): void;
  /** Leaves the last text where it is. */
  end(): void;
}

/** What a progress line tells. */
export interface ProgressState {
  label: string;
  total: number;
  unit: string;
  /** How many units are done, the first `start` of them before this run. */
  done: number;
  start: number;
  /** Seconds since the beginning of this run. */
  elapsed: number;
  /** Anything worth knowing now, such as the loss. */
  note?: string;
}

/** Work that ends sooner than this many seconds shows nothing. */
const patience = 0.5;

/** The fewest seconds between two redraws. */
const interval = 0.1;

/**
 * The progress of work that may take longer than two seconds: how much is done, how fast, and how
 * long it will take.
 *
 * @example
 * ```ts
 * const progress = new Progress({ label: "Counting", total: 3, unit: "numbers" });
 * for (let i = 1; i <= 3; i++) progress.update(i);
 * progress.done();
 * ```
 */
export class Progress {
  readonly #options: Required<ProgressOptions>;
  readonly #began = performance.now();
  #shownAt = -Infinity;
  #state: ProgressState;

  /** @throws RangeError if `total` or `start` is not a number from 0 up. */
  constructor(options: ProgressOptions) {
    const { label, total, unit, start = 0, output = standardOutput() } = options;
    for (const [name, value] of Object.entries({ total, start })) {
      if (!(Number.isFinite(value) && value >= 0)) {
        throw new RangeError(`Cannot show progress as '${name}' must be 0 or more: it is ${value}`);
      }
    }
    this.#options = { label, total, unit, start, output };
    this.#state = { label, total, unit, start, done: start, elapsed: 0 };
  }

  /** Says that `done` units are done by now. Cheap enough to call after each of them. */
  update(done: number, note?: string): void {
    const elapsed = (performance.now() - this.#began) / 1000;
    this.#state = { ...this.#state, done, elapsed, note };
    if (elapsed < patience || elapsed - this.#shownAt < interval) return;
    this.#shownAt = elapsed;
    const { output } = this.#options;
    output.show(renderProgress(this.#state, output.width));
  }

  /** Says that the work has ended; the line that stays says how long it took. */
  done(note?: string): void {
    if (this.#shownAt === -Infinity) return;
    const elapsed = (performance.now() - this.#began) / 1000;
    const { output } = this.#options;
    output.show(renderDone({ ...this.#state, elapsed, note }, output.width));
    output.end();
  }
}

/** The line shown while work goes on, at most `width` characters long. */
export function renderProgress(state: ProgressState, width: number): string {
  const { label, total, unit, done, start, elapsed, note } = state;
  const fraction = total > 0 ? Math.min(done / total, 1) : 1;
  const rate = elapsed > 0 ? (done - start) / elapsed : 0;
  const parts = [
    `${label} ${bar(fraction)} ${Math.floor(100 * fraction)}%`,
    `${count(done)} of ${count(total)} ${unit}`,
    `${count(rate)} ${unit}/s`,
    rate > 0
      ? `${duration(elapsed)}, ${duration(Math.max(total - done, 0) / rate)} left`
      : duration(elapsed),
  ];
  if (note) parts.push(note);
  return shortened(parts.join(" · "), width);
}

/** The line that stays after the work has ended, at most `width` characters long. */
export function renderDone(state: ProgressState, width: number): string {
  const { label, unit, done, start, elapsed, note } = state;
  const parts = [
    `${label}: ${count(done)} ${unit} in ${duration(elapsed)}`,
    `${count(elapsed > 0 ? (done - start) / elapsed : 0)} ${unit}/s`,
  ];
  if (note) parts.push(note);
  return shortened(parts.join(" · "), width);
}

/** A share as a bar of 20 characters. */
export function bar(fraction: number): string {
  const filled = Math.floor(20 * fraction);
  return "█".repeat(filled) + "░".repeat(20 - filled);
}

/** Three significant digits below a thousand, whole numbers above. */
export function count(value: number): string {
  return value < 1000 && !Number.isInteger(value)
    ? value.toLocaleString("en-US", { maximumSignificantDigits: 3 })
    : Math.round(value).toLocaleString("en-US");
}

/** Minutes and seconds, with hours where there are any. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(whole % 60)}`
    : `${minutes}:${pad(whole % 60)}`;
}

/** A text that has no more characters than this. */
export function shortened(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, Math.max(width - 1, 0)) + "…";
}

function standardOutput(): ProgressOutput {
  const notebook = LiveOutput.here();
  if (notebook) return new NotebookOutput(notebook);
  if (Deno.stderr.isTerminal() && !Deno.env.get("CI")) return new TerminalOutput();
  return { width: Infinity, show() {}, end() {} };
}

class TerminalOutput implements ProgressOutput {
  /** One column short of the terminal, so that no terminal wraps the line. */
  get width(): number {
    return Deno.consoleSize().columns - 1;
  }

  show(text: string): void {
    this.#write(`\r${text}\x1b[K`);
  }

  end(): void {
    this.#write("\n");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}

class NotebookOutput implements ProgressOutput {
  readonly width = 100;
  readonly #output: LiveOutput;

  constructor(output: LiveOutput) {
    this.#output = output;
  }

  show(text: string): void {
    // Said so that what stores notebooks can leave it out: it is there only where work took its time.
    this.#output.show({ "text/plain": text }, { progress: true });
  }

  end(): void {}
}
