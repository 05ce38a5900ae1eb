import { delimiter, join } from "node:path";

/** The paths of a program in the folders that PATH names, in their order. */
export function onPath(program: string): string[] {
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).filter(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
