import assert from "node:assert/strict";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { parsers } from "./parsers.ts";
import { wrongRefusal } from "./refusal.ts";
import { runCases } from "./run_cases.ts";
import { watchedCases } from "./watched.ts";

/** As many as take a fraction of a second. */
const casesHere: Readonly<Record<string, number>> = {
  safetensors: 2000,
  pickle: 2000,
  completions: 2000,
};
const usualCases = 60;

for (const { name, load } of parsers) {
  Deno.test({
    name: `odd inputs are read, or refused in one sentence: ${name}`,
    // the servers of some listen to the end of the process
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      const parser = await load();
      await withTemporaryFolder(async (folder) => {
        const to = casesHere[name] ?? usualCases;
        const { cases, read, failures } = await runCases(parser, folder, {
          ...{ parser: name, seed: 1, from: 0, to },
        });
        assert.deepEqual(failures, []);
        assert.equal(cases, to);
        assert.ok(read > 0, "none is read");
      });
    },
  });
}

Deno.test("an error is right where it names the file in one sentence, and no slip of a program", () => {
  const said = (error: unknown) => wrongRefusal(error, "/folder", {}, 100);
  assert.equal(said(new SyntaxError("'/folder/a.json' is not JSON (Expected ',').")), undefined);
  assert.match(said(new Error("it is broken"))!, /does not say where/);
  assert.match(said("/folder")!, /is no error/);
  assert.match(said(new Error(`/folder ${"x".repeat(2000)}`))!, /a message of 2008 characters/);
  for (
    const slip of [
      () => (undefined as unknown as { a: 1 }).a,
      () => (1 as unknown as () => void)(),
      () => new Array(-1),
      () => new Float32Array(-1),
      () => BigInt("a"),
      () => [...(1 as unknown as number[])],
    ]
  ) {
    try {
      slip();
      assert.fail();
    } catch (error) {
      (error as Error).message += " in '/folder'";
      assert.match(said(error) ?? "", /from within/, String(error));
    }
  }
  const cause = new Deno.errors.NotCapable("Requires read access");
  assert.match(said(new Error("Cannot read '/folder/a'", { cause }))!, /may not have/);
});

Deno.test("a parser that crashes, hangs, grows, leaves its folder or runs a text is found, and the next case goes on", async () => {
  const list = new URL("broken_parsers.ts", import.meta.url).href;
  const { parsers } = await import("./broken_parsers.ts");
  const [{ name, load }] = parsers;
  const { cases, failures } = await watchedCases(
    await load(),
    { parser: name, seed: 1, from: 0, to: 7 },
    { list, patience: 1500 },
  );
  assert.equal(cases, 7);
  assert.deepEqual(failures.map(({ index }) => index), [1, 2, 3, 4, 5]);
  const problems = [
    /ends \(9\)/,
    /hangs/,
    /grows by \d+ MB/,
    /may not have/,
    /program of a text/,
  ];
  failures.forEach(({ problem }, i) => assert.match(problem, problems[i]));
});
