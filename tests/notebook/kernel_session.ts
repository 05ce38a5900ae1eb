import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onPath } from "../on_path.ts";
import { skipUnless } from "../require.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** A cell, and the text on its standard output at which Jupyter's Stop interrupts it. */
export interface Cell {
  readonly code: string;
  readonly interruptAt?: string;
}

/** What a cell led to. */
export interface CellOutcome {
  readonly status: "ok" | "error";
  readonly outputs: readonly { type: string; content: MessageContent }[];
  /** Whether the kernel lived after it. */
  readonly isAlive: boolean;
}

interface MessageContent {
  readonly data?: Record<string, unknown>;
  readonly transient?: { display_id?: string };
  readonly name?: string;
  readonly text?: string;
}

const repository = fileURLToPath(new URL("../..", import.meta.url));
const script = fileURLToPath(new URL("kernel_session.py", import.meta.url));
/** The first that Jupyter's packages belong to. */
const python = onPath("python3").find((command) => {
  try {
    return new Deno.Command(command, { args: ["-c", "import jupyter_client"] }).outputSync()
      .success;
  } catch {
    return false;
  }
});

/** The name of a test with the reason why it is skipped, if it is. */
export function withJupyter(name: string): { name: string; ignore: boolean } {
  const ignore = skipUnless("jupyter", python !== undefined);
  return { name: ignore ? `${name} (skipped: Python has no jupyter_client)` : name, ignore };
}

/** Runs cells one after the other in a Deno kernel of their own. */
export async function runCells(cells: readonly Cell[]): Promise<CellOutcome[]> {
  const outcomes: CellOutcome[] = [];
  await withTemporaryFolder(async (folder) => {
    const kernel = join(folder, "kernels", "deno", "kernel.json");
    await Deno.mkdir(dirname(kernel), { recursive: true });
    const argv = [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"];
    await Deno.writeTextFile(
      kernel,
      JSON.stringify({ argv, display_name: "Deno", language: "typescript" }),
    );
    const session = new Deno.Command(python ?? "python3", {
      args: [script],
      env: { JUPYTER_PATH: folder, JUPYTER_RUNTIME_DIR: join(folder, "runtime") },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = session.output();
    const input = session.stdin.getWriter();
    await input.write(new TextEncoder().encode(JSON.stringify({ cells, cwd: repository })));
    await input.close();
    const { success, stdout, stderr } = await output;
    if (!success) throw new Error(`The kernel failed: ${new TextDecoder().decode(stderr)}`);
    outcomes.push(...JSON.parse(new TextDecoder().decode(stdout)));
  });
  return outcomes;
}
