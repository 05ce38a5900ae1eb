import { join } from "node:path";
import { homedir } from "node:os";
import { writeAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { kernelSpecification } from "./jupyter.ts";

/**
 * Installs the Deno that runs this as Jupyter's kernel `deno`, for this user. A Deno in a cache, as that of npx, is copied into the
 * kernel's folder, since caches are emptied.
 *
 * @returns the kernel's folder.
 * @throws {Error} if it cannot be written.
 */
export async function installLastingKernel(): Promise<string> {
  const folder = join(jupyterData(), "kernels", "deno");
  await makeFolder(folder);
  const here = Deno.execPath();
  const name = Deno.build.os === "windows" ? "deno.exe" : "deno";
  const lasting = join(folder, name);
  const isFetched = /[\\/](_npx|node_modules)[\\/]/.test(here);
  if (isFetched) {
    // under a name of its own first: the old one may be running
    const temporary = `${lasting}.tmp`;
    await Deno.copyFile(here, temporary);
    await Deno.rename(temporary, lasting);
  }
  const specification = kernelSpecification(isFetched ? lasting : here);
  await writeAtomically(join(folder, "kernel.json"), JSON.stringify(specification, null, 2) + "\n");
  return folder;
}

/** The folder that Jupyter reads for this user. */
function jupyterData(): string {
  const given = Deno.env.get("JUPYTER_DATA_DIR");
  if (given) return given;
  if (Deno.build.os === "darwin") return join(homedir(), "Library", "Jupyter");
  if (Deno.build.os === "windows") {
    return join(Deno.env.get("APPDATA") ?? join(homedir(), "AppData", "Roaming"), "jupyter");
  }
  return join(Deno.env.get("XDG_DATA_HOME") ?? join(homedir(), ".local", "share"), "jupyter");
}
