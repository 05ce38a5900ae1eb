import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import about from "../about.json" with { type: "json" };

/** What a run was made with, beside its settings. */
export interface Provenance {
  /** The commit of the code, or nothing where there is no git checkout. */
  readonly commit?: string;
  readonly deno: string;
  readonly os: string;
  /** Versions of the packages that compute. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Reads what this code is and runs on. */
export async function provenance(): Promise<Provenance> {
  return {
    commit: await commit(),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    // those whose version may change a number
    packages: about.packages,
  };
}

/** The commit of this code, where it is a checkout and no package. */
async function commit(): Promise<string | undefined> {
  const root = new URL("../../", import.meta.url);
  return root.protocol === "file:" ? await commitOf(join(fileURLToPath(root), ".git")) : undefined;
}

/** The commit that is checked out, read from git's files: no program has to be run for it. */
async function commitOf(git: string): Promise<string | undefined> {
  const read = (name: string) => Deno.readTextFile(join(git, name)).then((text) => text.trim());
  try {
    const head = await read("HEAD");
    if (!head.startsWith("ref: ")) return head;
    const ref = head.slice("ref: ".length);
    return await read(ref).catch(async () => {
      const packed = await read("packed-refs");
      return packed.split("\n").find((line) => line.endsWith(` ${ref}`))?.split(" ")[0];
    });
  } catch {
    return undefined;
  }
}

/** The SHA-256 of a file, its first 16 hexadecimal digits; nothing if there is no such file. */
export async function fileHash(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    using file = await Deno.open(path);
    for await (const chunk of file.readable) hash.update(chunk);
  } catch {
    return undefined;
  }
  return hash.digest("hex").slice(0, 16);
}
