import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodeBlock } from "./code_blocks.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What a block printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/**
 * Somebody who follows a guide in a checkout: commands run in a shell, programs as files. The checkout is a folder
 * with the repository's tasks and imports, so that what a guide writes stays there.
 */
export class Reader {
  readonly folder: string;
  readonly #env: Record<string, string>;

  private constructor(folder: string, env: Record<string, string>) {
    this.folder = folder;
    this.#env = env;
  }

  /** @param env what differs from the environment of the tests. */
  static async begin(folder: string, env: Readonly<Record<string, string>>): Promise<Reader> {
    const { tasks } = JSON.parse(await Deno.readTextFile(join(repository, "deno.json")));
    const path = (file: string) => `'${join(repository, file)}'`;
    for (const task of Object.values(tasks) as { command: string }[]) {
      task.command = task.command.replace(/\b(lib|bench|tests|notebooks)\/\S+/g, path);
    }
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ tasks }));
    await Deno.writeTextFile(
      join(folder, "mod.ts"),
      `export * from ${JSON.stringify(new URL("../../mod.ts", import.meta.url))};\n`,
    );
    // programs find packages through the repository's configuration
    const programs = join(folder, "bin");
    await Deno.mkdir(programs);
    await Deno.writeTextFile(
      join(programs, "deno"),
      `#!/bin/sh\ncommand=$1\nshift\n` +
        `if [ "$command" != task ]; then set -- --config ${path("deno.json")} "$@"; fi\n` +
        `exec '${Deno.execPath()}' "$command" "$@"\n`,
      { mode: 0o755 },
    );
    // with software Vulkan in the environment, `--device auto` would take it, and be slow
    const { VK_DRIVER_FILES: _, ...given } = Deno.env.toObject();
    const PATH = `${programs}:${given.PATH}`;
    return new Reader(folder, { ...given, NO_COLOR: "1", ...env, PATH });
  }

  /** Writes a program to the file of its name, or to one named after its line. @returns the file's name. */
  async save({ note, code, line }: CodeBlock, guide = "program"): Promise<string> {
    const name = note || `${guide}-${line}.ts`;
    await Deno.writeTextFile(join(this.folder, name), code);
    return name;
  }

  /** Runs a block, or saves it for others where it names a file. Blocks in other languages are not for readers to run. */
  async follow(block: CodeBlock, guide: string): Promise<void> {
    const { language, note, code } = block;
    if (language !== "sh" && language !== "ts") return;
    const saved = language === "ts" ? await this.save(block, guide) : undefined;
    if (note.endsWith(".ts")) return;
    const outcome = await this.run(saved ? `deno run --allow-all ${saved}` : code);
    assert.equal(outcome.code, 0, `${code}\n${outcome.output}`);
  }

  /** Runs commands in a shell that ends with the first that fails. */
  async run(commands: string): Promise<Outcome> {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-eu", "-c", commands],
      cwd: this.folder,
      clearEnv: true,
      env: this.#env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder();
    return { code, output: text.decode(stdout) + text.decode(stderr) };
  }
}
