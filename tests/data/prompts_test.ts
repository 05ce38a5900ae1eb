import assert from "node:assert/strict";
import { join } from "node:path";
import { readPrompts } from "../../lib/data/prompts.ts";
import { sharedData } from "../shared_data.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("prompts are lines of text, or the prompt's text, the prompt or the text of a row", async () => {
  await withTemporaryFolder(async (folder) => {
    const cases: [string, string][] = [
      ["a.txt", "one\n\ntwo\n"],
      ["b.jsonl", '{"prompt":{"text":"one"},"text":"x"}\n{"prompt":{"text":"two"}}\n'],
      ["c.jsonl", '{"prompt":"one","text":"x"}\n{"prompt":"two"}\n'],
      ["d.jsonl", '{"text":"one"}\n{"text":"two"}\n'],
      ["e.tsv", "id\tprompt\n1\tone\n2\ttwo\n"],
    ];
    for (const [name, content] of cases) {
      const path = join(folder, name);
      await Deno.writeTextFile(path, content);
      assert.deepEqual(await readPrompts(path), ["one", "two"], name);
    }
    assert.deepEqual(await readPrompts(join(folder, "e.tsv"), { textColumn: "id" }), ["1", "2"]);
  });
});

Deno.test("a row without a prompt, and a prompt that is no text, are errors with their line", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.jsonl");
    await Deno.writeTextFile(path, '{"prompt":"one"}\n{"prompt":""}\n');
    await assert.rejects(readPrompts(path), {
      name: "Error",
      message: `Cannot read '${path}': line 2 has no prompt in column 'prompt', so fill it in or ` +
        "remove it",
    });
    await Deno.writeTextFile(path, '{"prompt":{"id":7}}\n');
    await assert.rejects(readPrompts(path), {
      name: "TypeError",
      message: `Cannot read '${path}': line 1 has no text in column 'prompt' but {"id":7}, so ` +
        "name the column that holds the text",
    });
    await Deno.writeTextFile(path, '{"question":"one"}\n');
    await assert.rejects(readPrompts(path), {
      name: "Error",
      message: `Cannot read '${path}': it has no column 'prompt.text' or 'prompt' or 'text', so ` +
        "name one of those it has: 'question'",
    });
  });
});

Deno.test({
  name: "the OpenWebText prompts are read" + (sharedData ? "" : " (needs ../shared/data)"),
  ignore: sharedData === undefined,
  fn: async () => {
    const prompts = await readPrompts(join(sharedData!, "prompts/neutral.jsonl"));
    assert.equal(prompts[0], "God never intended to");
    assert.ok(prompts.length >= 4_699);
  },
});
