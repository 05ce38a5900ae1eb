import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a run was made with, beside its settings. */
export interface Provenance {
  /** The commit of the code, or nothing where there is no git checkout. */
  readonly commit?: string;
  readonly deno: string;
  readonly os: string;
  /** Versions of the packages that compute. */
  readonly packages: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The packages whose version may change a number. */
const computing = ["onnxruntime-node", "@huggingface/transformers", "nodejs-polars", "pure-rand"];

/** Reads what this code is and runs on. */
export async function provenance(): Promise<Provenance> {
  const { imports } = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))) as {
    imports: Record<string, string>;
  };
  return {
    commit: await commitOf(join(root, ".git")),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    packages: Object.fromEntries(
      computing.map((name) => [name, imports[name].split("@").at(-1)!]),
    ),
  };
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
