import type { OptionTable } from "../options/option.ts";

/** What every function that writes something says of what is there already. */
export const outputOptions = {
  overwrite: {
    type: "boolean",
    default: false,
    help: "replace what is finished already at the place of --out",
  },
} as const satisfies OptionTable;

/**
 * Keeps what is finished from being replaced unasked. An empty file is nothing finished.
 *
 * @param path the file or folder that is to be written.
 * @param overwrite whether it may be replaced.
 * @param finished the file that says that it is finished. Default `path`.
 * @throws {Error} if it is finished, and may not be replaced.
 */
export async function keepFinished(
  path: string,
  overwrite: boolean,
  finished: string = path,
): Promise<void> {
  if (overwrite || !await isFinished(finished)) return;
  throw new Error(
    `'${path}' is there already, and finished: use --overwrite (overwrite: true) to replace it, or another name.`,
  );
}

/** Whether a file is there, and not empty. */
export async function isFinished(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ size }) => size > 0, () => false);
}
