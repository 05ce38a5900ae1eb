import { linesIn } from "../files/stream_lines.ts";

/** What a process that makes stages says of one, as a line of JSON. */
export interface StageAnswer {
  readonly key: string;
  /** What went wrong, where it was not made. */
  readonly error?: string;
}

/** A process of ours that makes one stage after another: it is told keys, line by line, and says of each how it went. */
export class StageProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: AsyncIterator<string>;
  readonly #said: Promise<string>;

  /**
   * @param command the program and its arguments.
   * @param threads that an operation of ONNX Runtime takes.
   * @param signal stops it as Ctrl-C does.
   */
  constructor([program, ...args]: readonly string[], threads: number, signal: AbortSignal) {
    this.#child = new Deno.Command(program, {
      args,
      env: { OMP_NUM_THREADS: String(threads) },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#answers = linesIn(this.#child.stdout);
    this.#said = new Response(this.#child.stderr).text();
    const stop = () => this.#child.kill("SIGINT");
    signal.addEventListener("abort", stop);
    this.#child.status.finally(() => signal.removeEventListener("abort", stop));
  }

  /** Makes a stage. @throws {Error} if that fails, or the process ends; `ended` tells which. */
  async make(key: string): Promise<void> {
    const answer = await this.#ask(key);
    if (answer?.error !== undefined) throw new Error(answer.error);
    if (answer) return;
    this.ended = true;
    const { code, signal } = await this.#child.status;
    const said = (await this.#said).trim().split("\n").at(-1)!.replace(/^error: /, "");
    throw new Error(said || `its process ended by ${signal ?? `itself, with code ${code}`}`);
  }

  /** Whether the process is gone. */
  ended = false;

  async #ask(key: string): Promise<StageAnswer | undefined> {
    try {
      await this.#input.write(new TextEncoder().encode(`${key}\n`));
      const { value } = await this.#answers.next();
      return value === undefined ? undefined : JSON.parse(value) as StageAnswer;
    } catch {
      return undefined; // the pipe is broken
    }
  }

  /** Lets the process end by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }
}
