import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { linesIn } from "../../lib/files/stream_lines.ts";

const folder = dirname(fileURLToPath(import.meta.url));

/** What runs as a peer, as it says itself: versions, precision, threads. */
export type About = Readonly<Record<string, string | number>>;

/** A program that is a peer. */
interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** What its environment has beside that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** What errors call it. */
  readonly name: string;
  /** What to do where it does not start, as the end of a sentence. */
  readonly howToGet: string;
}

/** A process that does a round of work when it is asked to. */
export class Peer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncIterator<string, void>;
  readonly about: About;

  private constructor(
    process: Deno.ChildProcess,
    lines: AsyncIterator<string, void>,
    about: About,
  ) {
    this.#process = process;
    this.#writer = process.stdin.getWriter();
    this.#lines = lines;
    this.about = about;
  }

  /**
   * Starts a Python script of this folder and waits until it is set up.
   *
   * @param setting what the script is to do.
   * @param env what its environment has beside that of this process.
   * @throws {Error} if there is no such Python, or it lacks what the script needs.
   */
  static async start(
    python: string,
    script: string,
    setting: Readonly<Record<string, unknown>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Peer> {
    return await Peer.of({
      command: python,
      args: [join(folder, script), JSON.stringify(setting)],
      env: { ...env, TOKENIZERS_PARALLELISM: "false", PYTHONDONTWRITEBYTECODE: "1" },
      name: script,
      howToGet,
    });
  }

  /**
   * Starts a program that says what it is on its first line, and then answers each line with the milliseconds of a round.
   *
   * @throws {Error} if it does not start, or ends before it has said what it is.
   */
  static async of({ command, args, env, name, howToGet }: Program): Promise<Peer> {
    let process: Deno.ChildProcess;
    try {
      process = new Deno.Command(command, {
        args: [...args],
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
    } catch (error) {
      throw new Error(`'${command}' does not start (${(error as Error).message}): ${howToGet}`);
    }
    const stderr = new Response(process.stderr).text();
    const lines = linesIn(process.stdout, { torn: false });
    const { value } = await lines.next();
    if (value !== undefined) return new Peer(process, lines, JSON.parse(value));
    const last = (await stderr).trim().split("\n").at(-1);
    throw new Error(`${name} ended before its first round (${last}): ${howToGet}`);
  }

  /** Does a round. @returns its milliseconds. @throws {Error} if the process ended. */
  async round(): Promise<number> {
    await this.#writer.write(new TextEncoder().encode("\n"));
    const { value } = await this.#lines.next();
    if (value === undefined) {
      throw new Error("A peer ended in the middle of a round: it may lack memory.");
    }
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#process.status;
  }
}

const howToGet =
  "make an environment with `python3 -m venv peers && peers/bin/pip install -r bench/peers/requirements.txt` " +
  "and name it with --python peers/bin/python.";
