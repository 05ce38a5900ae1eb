import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The TypeScript files under a folder of the repository, by their paths from its root. */
export async function sourceFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const walk = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const file = join(path, name);
      if (isDirectory) await walk(file);
      else if (name.endsWith(".ts")) {
        files.set(relative(repository, file), await Deno.readTextFile(file));
      }
    }
  };
  await walk(join(repository, folder));
  return files;
}

/** Code without its comments. */
export function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

/** The files that a file imports from, by their paths from the repository's root; types too. */
export function importsOf(path: string, code: string): string[] {
  const statements = withoutComments(code).matchAll(
    /(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)"(\.[^"]+)"/g,
  );
  return [...statements].map(([, to]) => join(path, "..", to));
}
