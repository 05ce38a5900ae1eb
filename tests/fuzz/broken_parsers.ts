import type { Parser } from "./parser.ts";
import type { ListedParser } from "./parsers.ts";

/** Goes wrong in every way that there is, one case after the other. */
const broken: Parser = {
  title: "what goes wrong",
  cases: 7,
  seeds: () => [{ "a.bin": new Uint8Array(8) }],
  open(folder) {
    let at = Math.ceil(new Float64Array(Deno.readFileSync(`${folder}/../place`).buffer)[0]);
    let kept = new Uint8Array();
    return async () => {
      switch (at++) {
        case 1:
          Deno.exit(9);
          break;
        case 2:
          while (at > 0);
          break;
        case 3:
          kept = new Uint8Array(5e8).fill(kept.length + 1);
          break;
        case 4:
          await Deno.writeTextFile(`${folder}/../../outside`, "x");
          break;
        case 5:
          new Function("return 1")();
      }
    };
  },
};

export const parsers: readonly ListedParser[] = [
  { name: "broken", load: () => Promise.resolve(broken) },
];
