import type { JoiningPrompt, RowChoice, RunningRow, RunningRows } from "../decode/running_rows.ts";
import { ApiError } from "./api_error.ts";
import { ioTurn } from "./io_turn.ts";
import type { Metrics } from "./metrics.ts";
import { serverEnds } from "./request_ending.ts";

/** A prompt that somebody wants continued. */
export interface WantedText extends JoiningPrompt {
  /** Takes a token of a sample. @returns whether its text goes on. */
  readonly took: (sample: number, choice: RowChoice) => boolean;
}

/** How much is done at a time. */
export interface SchedulerLimits {
  /** Texts that are written together. */
  readonly rows: number;
  /** Requests that wait while all rows are taken. */
  readonly queue: number;
}

/** Tokens of prompts, padding included, that one run reads: what is written meanwhile waits for it. */
const tokensPerRun = 2048;

/** All that one request wants. */
interface Work {
  /** Texts that are not at their end. */
  left: number;
  /** Prompts that wait. */
  waiting: number;
  readonly began: number;
  /** Ends it, well or with a reason; at most once. */
  readonly end: (reason?: { readonly error: unknown }) => void;
  ended: boolean;
}

/** Some samples of a prompt, which join together. */
interface Waiting {
  readonly work: Work;
  readonly text: WantedText;
  /** The number of the first. */
  readonly first: number;
}

/** A row's text. */
interface Written {
  readonly work: Work;
  readonly text: WantedText;
  readonly sample: number;
}

/**
 * Writes the texts of all requests together. Those that wait join between two steps, in the order in which they came, as soon
 * as there are rows for all samples of a prompt; texts leave at their end, and when nobody wants them any more.
 */
export class Scheduler implements AsyncDisposable {
  readonly #running: RunningRows;
  readonly #limits: SchedulerLimits;
  readonly #metrics: Metrics;
  readonly #queue: Waiting[] = [];
  readonly #written = new Map<RunningRow, Written>();
  readonly #works = new Set<Work>();
  /** The work that goes on, while there is any. */
  #loop: Promise<void> | undefined;

  constructor(running: RunningRows, limits: SchedulerLimits, metrics: Metrics) {
    this.#running = running;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  /**
   * Writes some texts, to their ends.
   *
   * @param signal ends them before.
   * @throws {ApiError} if there are as many requests waiting as may wait.
   * @throws the signal's reason.
   */
  write(texts: readonly WantedText[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { rows, queue } = this.#limits;
    const waiting = [...this.#works].filter((work) => work.waiting > 0).length;
    if (waiting >= queue + Math.max(0, rows - this.#written.size)) {
      throw new ApiError(`${waiting} requests wait already: try again later.`, {
        ...{ status: 429, type: "rate_limit_error", code: "rate_limit_exceeded" },
        retryAfter: 1,
      });
    }
    return new Promise((resolve, reject) => {
      const stop = () => work.end({ error: signal.reason });
      const work: Work = {
        left: texts.reduce((sum, { streams }) => sum + streams.length, 0),
        waiting: 0,
        began: performance.now(),
        ended: false,
        end: (reason) => {
          if (work.ended) return;
          work.ended = true;
          this.#works.delete(work);
          signal.removeEventListener("abort", stop);
          if (reason) reject(reason.error);
          else resolve();
        },
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#works.add(work);
      for (const text of texts) {
        for (let first = 0; first < text.streams.length; first += rows) {
          const streams = text.streams.slice(first, first + rows);
          this.#queue.push({ work, text: { ...text, streams }, first });
          work.waiting++;
        }
      }
      this.#loop ??= this.#goOn();
    });
  }

  /** Writes as long as anybody wants something. */
  async #goOn(): Promise<void> {
    while (this.#works.size > 0) {
      await ioTurn();
      this.#dropEnded();
      await this.#join();
      if (this.#running.size > 0) await this.#step();
      this.#metrics.set("rows", this.#running.size);
      this.#metrics.set("waiting_texts", this.#queue.length);
    }
    this.#dropEnded();
    this.#metrics.set("rows", 0);
    this.#metrics.set("waiting_texts", 0);
    this.#loop = undefined;
  }

  /** Forgets what nobody wants any more. */
  #dropEnded(): void {
    for (const [row, { work }] of this.#written) if (work.ended) this.#leave(row);
    const wanted = this.#queue.filter(({ work }) => !work.ended);
    if (wanted.length < this.#queue.length) this.#queue.splice(0, Infinity, ...wanted);
  }

  /** Lets those join that are next and find room. */
  async #join(): Promise<void> {
    const joining: Waiting[] = [];
    let free = this.#limits.rows - this.#running.size;
    let longest = 0;
    for (const { text: { streams, prompt } } of this.#queue) {
      longest = Math.max(longest, prompt.base.length);
      const isTooMuch = joining.length > 0 && longest * (joining.length + 1) > tokensPerRun;
      if (streams.length > free || isTooMuch) break;
      free -= streams.length;
      joining.push(this.#queue[joining.length]);
    }
    if (joining.length === 0) return;
    this.#queue.splice(0, joining.length);
    for (const { work } of joining) work.waiting--;
    const began = performance.now();
    let choices: RowChoice[];
    try {
      choices = await this.#running.join(joining.map(({ text }) => text));
    } catch (error) {
      for (const { work } of joining) work.end({ error });
      return;
    }
    const now = performance.now();
    this.#metrics.add("prompt_runs_total");
    this.#metrics.add("prompt_seconds_total", (now - began) / 1000);
    let next = 0;
    for (const { work, text, first } of joining) {
      this.#metrics.add("prompt_tokens_total", text.prompt.base.length);
      this.#metrics.add("first_tokens_total", text.streams.length);
      this.#metrics.add(
        "first_token_seconds_total",
        text.streams.length * (now - work.began) / 1000,
      );
      text.streams.forEach((_, i) =>
        this.#written.set(choices[next++].row, { work, text, sample: first + i })
      );
    }
    this.#take(choices);
  }

  async #step(): Promise<void> {
    const began = performance.now();
    let choices: RowChoice[];
    try {
      choices = await this.#running.step();
    } catch (error) {
      // nobody knows how far the rows came
      for (const { work } of this.#written.values()) work.end({ error });
      this.#written.clear();
      this.#running.clear();
      return;
    }
    this.#metrics.add("steps_total");
    this.#metrics.add("step_seconds_total", (performance.now() - began) / 1000);
    this.#take(choices);
  }

  #take(choices: readonly RowChoice[]): void {
    this.#metrics.add("generated_tokens_total", choices.length);
    for (const choice of choices) {
      const { work, text, sample } = this.#written.get(choice.row)!;
      if (work.ended) continue;
      try {
        if (choice.problem !== undefined) throw new Error(`${choice.problem}; check its weights.`);
        if (text.took(sample, choice)) continue;
      } catch (error) {
        work.end({ error });
        continue;
      }
      this.#leave(choice.row);
      work.left--;
      if (work.left === 0) work.end();
    }
  }

  #leave(row: RunningRow): void {
    this.#written.delete(row);
    this.#running.leave(row);
  }

  /** Ends all that is written, and gives the rows back. */
  async [Symbol.asyncDispose](): Promise<void> {
    const error = serverEnds();
    for (const work of this.#works) work.end({ error });
    await this.#loop;
    await this.#running[Symbol.asyncDispose]();
  }
}
