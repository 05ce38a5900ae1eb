import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import { JsonLinesLog, type JsonRow, readJsonLines } from "../../lib/files/json_lines.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";

async function rowsOf(path: string): Promise<JsonRow[]> {
  return (await Array.fromAsync(readJsonLines(path))).map(({ row }) => row);
}

Deno.test("rows are read with their lines, blank lines are skipped", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "rows.jsonl");
    await Deno.writeTextFile(path, '\ufeff{"a":1}\r\n\n  \n{"b":"\u2028"}');
    assert.deepEqual(await Array.fromAsync(readJsonLines(path)), [
      { line: 1, row: { a: 1 } },
      { line: 4, row: { b: "\u2028" } },
    ]);
  });
});

Deno.test("a line that is not an object, or not UTF-8, is an error with its number", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "rows.jsonl");
    for (const bad of ["{", "[]", "null", "1", '{"a":1}{']) {
      await Deno.writeTextFile(path, `{"a":1}\n\n${bad}\n{"a":2}\n`);
      await assert.rejects(rowsOf(path), {
        name: "SyntaxError",
        message: `Cannot read '${path}': line 3 is not a JSON object, so correct or remove that ` +
          "line",
      });
    }
    await Deno.writeFile(path, new Uint8Array([0x7b, 0x7d, 0x0a, 0xff, 0x0a]));
    await assert.rejects(rowsOf(path), {
      name: "SyntaxError",
      message: `Cannot read '${path}': line 2 is not UTF-8, so save the file in that encoding`,
    });
  });
});

Deno.test("a file that is not there is an error that names it", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "missing.jsonl");
    await assert.rejects(rowsOf(path), {
      name: "Error",
      message: `Cannot read '${path}': there is no such file, so check the path`,
    });
  });
});

Deno.test("a log holds what was appended, and reopening keeps what should be kept", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "metrics.jsonl");
    {
      using log = await JsonLinesLog.open(path);
      for (let step = 1; step <= 4; step++) log.append({ step });
      assert.equal((await rowsOf(path)).length, 4);
    }
    {
      using log = await JsonLinesLog.open(path);
      log.append({ step: 5 });
    }
    assert.deepEqual((await rowsOf(path)).map((row) => row.step), [1, 2, 3, 4, 5]);
    {
      using log = await JsonLinesLog.open(path, { keep: (row) => Number(row.step) <= 2 });
      log.append({ step: 3, again: true });
    }
    assert.deepEqual(await rowsOf(path), [{ step: 1 }, { step: 2 }, { step: 3, again: true }]);
  });
});

Deno.test("a log cut off at any byte reopens with the rows that were whole", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "metrics.jsonl");
    const row = fc.record({ step: fc.nat(), note: fc.string({ unit: "grapheme" }) }, {
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 3 }), fc.nat(), async (rows, cut) => {
        const lines = rows.map((row) => new TextEncoder().encode(JSON.stringify(row) + "\n"));
        const bytes = new Uint8Array(lines.flatMap((line) => [...line]));
        const length = cut % (bytes.length + 1);
        await Deno.writeFile(path, bytes.subarray(0, length));
        (await JsonLinesLog.open(path))[Symbol.dispose]();
        const whole: JsonRow[] = [];
        let end = 0;
        for (const [i, line] of lines.entries()) {
          end += line.length;
          if (end - 1 <= length) whole.push(rows[i]); // A row is whole even without its line feed.
        }
        assert.deepEqual(await rowsOf(path), whole);
      }),
      { numRuns: 50 },
    );
  });
});

Deno.test("a log with a bad row in its middle is refused and left as it is", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "metrics.jsonl");
    const content = '{"step":1}\n{"st\n{"step":3}\n';
    await Deno.writeTextFile(path, content);
    await assert.rejects(JsonLinesLog.open(path), /^SyntaxError: .* line 2 is not a JSON object/);
    assert.equal(await Deno.readTextFile(path), content);
  });
});

Deno.test({
  name: "a row that finds the disk full is one error and leaves the log whole " +
    "(needs the right to mount a tmpfs)",
  ignore: !tinyDiskAllowed,
  fn: async () => {
    await onTinyDisk(async (folder) => {
      const path = join(folder, "metrics.jsonl");
      using log = await JsonLinesLog.open(path);
      log.append({ step: 1 });
      assert.throws(() => log.append({ text: "x".repeat(1 << 20) }), {
        name: "Error",
        message: `Cannot write '${path}': the disk is full, so free some space and try again ` +
          "(an existing file is unchanged)",
      });
      log.append({ step: 2 });
      assert.deepEqual(await rowsOf(path), [{ step: 1 }, { step: 2 }]);
    });
  },
});

Deno.test("a list of objects is told from a line that is broken", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "rows.jsonl");
    await Deno.writeTextFile(path, '[{"a": 1}, {"a": 2}]\n');
    await assert.rejects(Array.fromAsync(readJsonLines(path)), {
      name: "SyntaxError",
      message:
        `Cannot read '${path}': line 1 is not a JSON object, so write one object a line, and no list around them`,
    });
  });
});
