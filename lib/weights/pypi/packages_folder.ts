import { join } from "node:path";

/** The folder of the cache that packages are unpacked into, each in a folder of its name and version. */
export function packagesFolder(cacheFolder: string): string {
  return join(cacheFolder, "pypi");
}
