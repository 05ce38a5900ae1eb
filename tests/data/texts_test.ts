import assert from "node:assert/strict";
import { join } from "node:path";
import { readTexts } from "../../lib/data/texts.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("texts are the lines of a text file and the text column of a table", async () => {
  await withTemporaryFolder(async (folder) => {
    const [lines, table, nested] = ["a.txt", "b.tsv", "c.jsonl"].map((name) => join(folder, name));
    await Deno.writeTextFile(lines, " one\r\n\n  \ntwo");
    await Deno.writeTextFile(table, "id\tsentence\n1\tthree \n2\t\n3\t\n");
    await Deno.writeTextFile(nested, '{"p":{"text":"four"},"c":{"text":null}}\n');
    assert.deepEqual(await readTexts([lines, table]), [" one", "two", "three "]);
    assert.deepEqual(await readTexts([nested], { records: ["p", "c"] }), ["four"]);
    assert.deepEqual(await readTexts([table], { textColumn: "id" }), ["1", "2", "3"]);
  });
});

Deno.test("a file without text is an error that names it", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.txt");
    for (const content of ["", "\n \n"]) {
      await Deno.writeTextFile(path, content);
      await assert.rejects(readTexts([path]), {
        name: "Error",
        message: `Cannot read '${path}': it has no text, so check that it is the right file`,
      });
    }
    await Deno.writeFile(path, new Uint8Array([0x61, 0x0a, 0xc3]));
    await assert.rejects(readTexts([path]), {
      name: "SyntaxError",
      message: `Cannot read '${path}': line 2 is not UTF-8, so save the file in that encoding`,
    });
  });
  await assert.rejects(readTexts([]), {
    name: "RangeError",
    message: "readTexts: 'paths' must be a list of one or more, each a text, not a list of 0.",
  });
});
