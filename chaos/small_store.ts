import { join } from "node:path";
import { runProgram } from "../lib/cli/run_program.ts";

/** A file system in memory of its own size, which can be full. */
export class SmallStore implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param path a folder that is made. @throws {Error} if this user may mount nothing. */
  static async mount(path: string, megabytes: number): Promise<SmallStore> {
    await Deno.mkdir(path);
    const options = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path];
    await runProgram("Cannot make a store that can be full", "mount", options);
    return new SmallStore(path);
  }

  /** Takes all room that is left. */
  async fill(): Promise<void> {
    using file = await Deno.open(this.#ballast, { write: true, create: true, append: true });
    for (const size of [1 << 20, 1 << 12]) {
      const bytes = new Uint8Array(size);
      try {
        for (;;) await file.write(bytes);
      } catch {
        // it is full
      }
    }
  }

  /** Gives it back. */
  async empty(): Promise<void> {
    await Deno.remove(this.#ballast).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runProgram("Cannot give a store back", "umount", ["--lazy", this.path]);
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }
}
