/** Bytes that may still be written to the file system that holds a folder. */
export async function freeDisk(folder: string): Promise<number> {
  // loaded here, since few who import the library write files
  const { statfs } = await import("node:fs/promises");
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Bytes of memory that programs may take before the system swaps or refuses. */
export function freeMemory(): number {
  return Deno.systemMemoryInfo().available;
}

const units = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "bytes"]] as const;

/** A size as people say it: `3.1 GB`. */
export function sizeText(bytes: number): string {
  const [unit, name] = units.find(([unit]) => bytes >= unit) ?? [1e6, "MB"];
  const digits = bytes >= 1e9 ? 2 : 3;
  return `${(bytes / unit).toLocaleString("en-US", { maximumSignificantDigits: digits })} ${name}`;
}
