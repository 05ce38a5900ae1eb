import { dirname, join } from "node:path";
import type { Input, Read } from "./parser.ts";

/** A parser that reads files: each input is written into the folder before, and what is no part of it is taken away. */
export function inFiles(folder: string, read: (folder: string) => void | Promise<void>): Read {
  let there: string[] = [];
  return (input: Input) => {
    const names = Object.keys(input);
    for (const name of there) if (!(name in input)) Deno.removeSync(join(folder, name));
    for (const name of names) {
      if (name.includes("/")) Deno.mkdirSync(dirname(join(folder, name)), { recursive: true });
      Deno.writeFileSync(join(folder, name), input[name]);
    }
    there = names;
    return read(folder);
  };
}
