import assert from "node:assert/strict";
import { join } from "node:path";
import { PartialLines } from "../../lib/files/partial_lines.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const namesIn = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("lines are on the disk as soon as they are added, and stay if the work ends before", async () => {
  await withTemporaryFolder(async (folder) => {
    const whole = join(folder, "texts.jsonl");
    {
      using lines = await PartialLines.open(whole);
      lines.add({ text: "ä" });
      lines.add([1, 2]);
      assert.equal(lines.count, 2);
      assert.equal(await Deno.readTextFile(lines.path), '{"text":"ä"}\n[1,2]\n');
    }
    assert.deepEqual(namesIn(folder), ["texts.jsonl.partial"]);
    // a try that comes to nothing leaves them
    (await PartialLines.open(whole))[Symbol.dispose]();
    assert.equal(await Deno.readTextFile(`${whole}.partial`), '{"text":"ä"}\n[1,2]\n');
    {
      using lines = await PartialLines.open(whole);
      lines.add(3);
      assert.equal(await Deno.readTextFile(lines.path), "3\n");
      await lines.remove();
    }
    assert.deepEqual(namesIn(folder), []);
  });
});

Deno.test("no lines leave no file, and two runs do not write the same one", async () => {
  await withTemporaryFolder(async (folder) => {
    const whole = join(folder, "texts.jsonl");
    {
      using _first = await PartialLines.open(whole);
      await assert.rejects(PartialLines.open(whole), {
        message:
          `Another run writes '${whole}' at this moment: wait until it has ended, or use another name.`,
      });
    }
    assert.deepEqual(namesIn(folder), []);
    await assert.rejects(PartialLines.open(join(folder, "no", "such")), /no.such.*partial/);
  });
});
