import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { documented } from "../../lib/api_page/documented.ts";
import { optionRows } from "../../lib/api_page/option_rows.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const source = `
import type { Hidden } from "./hidden.ts";

export const table = {
  topK: { type: "integer", min: 1, default: 20, help: "candidates of a step" },
  base: { type: "text", required: true, help: "folder of a model" },
  batch: { type: "integer", defaultHelp: "by the model's size", help: "rows at once" },
} as const;

type OptionsOf<T> = Partial<T>;

export type FromTable = OptionsOf<typeof table>;

export interface Plain {
  /** Where it goes. Default: nowhere. */
  out?: string;
  /** What it is. */
  kind: "a" | "b";
}

/** All of them. */
export interface Inherited extends Omit<FromTable, "base">, Plain {
  /** Another kind. */
  kind: "a";
}

export interface Lost extends Hidden {}
`;

const rows = {
  topK: ["a whole number from 1 up", "`20`", "Candidates of a step."],
  base: ["a text", "required", "Folder of a model."],
  batch: ["a whole number", "by the model's size", "Rows at once."],
  out: ["`string`", "nowhere", "Where it goes."],
};

Deno.test("options come from their table or their declaration, with those that are inherited", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "module.ts");
    await Deno.writeTextFile(path, source);
    await Deno.writeTextFile(join(folder, "hidden.ts"), "export interface Hidden { a: string }\n");
    const symbols = await documented(pathToFileURL(path).href);
    const of = async (name: string) =>
      Object.fromEntries(
        (await optionRows(symbols.get(name)!, symbols)).map((
          { name, what, fallback, help },
        ) => [name, [what, fallback, help]]),
      );
    const { topK, base, batch, out } = rows;
    assert.deepEqual(await of("FromTable"), { topK, base, batch });
    assert.deepEqual(await of("Plain"), { out, kind: ['`"a" | "b"`', "required", "What it is."] });
    assert.deepEqual(await of("Inherited"), {
      topK,
      batch,
      out,
      kind: ['`"a"`', "required", "Another kind."],
    });
    await assert.rejects(
      of("Lost"),
      /Lost has the options of Hidden, which mod.ts does not export/,
    );
  });
});
