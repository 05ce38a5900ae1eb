import { join } from "node:path";
import { runProgram } from "../../lib/cli/run_program.ts";

/** A file system in memory of its own size, which can be full. */
export class SmallStore implements AsyncDisposable {
  readonly path: string;
  /** False where nothing may be mounted: then it is an ordinary folder. */
  readonly canBeFull: boolean;

  private constructor(path: string, canBeFull: boolean) {
    this.path = path;
    this.canBeFull = canBeFull;
  }

  /** @param path a folder that is made. */
  static async open(path: string, megabytes: number): Promise<SmallStore> {
    await Deno.mkdir(path);
    const options = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path];
    const mounted = runProgram("Cannot mount", "mount", options);
    return new SmallStore(path, await mounted.then(() => true, () => false));
  }

  /** Takes all room that is left, where it can be full. */
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
    if (!this.canBeFull) return;
    await runProgram("Cannot give a store back", "umount", ["--lazy", this.path]);
  }

  get #ballast(): string {
    return join(this.path, "ballast");
  }
}
