import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { ScoreCache } from "../../lib/eval/score_cache.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const judge = { name: "judge", version: "1", labels: ["kind"] };
const two = { name: "judge", version: "1", labels: ["kind", "calm"] };

function startWriter(path: string, name: string, count: number): Deno.ChildProcess {
  const script = fileURLToPath(new URL("score_cache_writer.ts", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      script,
      path,
      name,
      String(count),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

Deno.test("scores come back exactly, by scorer, version, labels and text", async () => {
  await withTemporaryFolder((folder) => {
    const path = join(folder, "scores.sqlite");
    const texts = ["", " a", "a", 'a\n"b" 🎬', "unknown"];
    {
      using cache = ScoreCache.open(path);
      const scores = [0, 1, 1 / 3, NaN];
      cache.store(judge, scores.map((score, i) => ({ text: texts[i], scores: [score] })));
      cache.store(two, [{ text: "a", scores: [NaN, 0.1] }]);
      cache.store(judge, [{ text: "a", scores: [0.9] }]); // what is kept stays
    }
    using cache = ScoreCache.open(path);
    const found = cache.lookUp(judge, texts).map((scores) => scores && [...scores]);
    assert.deepEqual(found, [[0], [1], [1 / 3], [NaN], undefined]);
    assert.deepEqual(cache.lookUp(two, ["a"]), [Float64Array.of(NaN, 0.1)]);
    for (const other of [{ ...judge, version: "2" }, { ...judge, name: "x" }]) {
      assert.deepEqual(cache.lookUp(other, ["a"]), [undefined]);
    }
    assert.deepEqual([cache.count(judge), cache.count(two)], [4, 1]);
    return Promise.resolve();
  });
});

Deno.test("a batch is stored whole or not at all", async () => {
  await withTemporaryFolder((folder) => {
    using cache = ScoreCache.open(join(folder, "scores.sqlite"));
    const rows = [{ text: "a", scores: [1] }, { text: "b", scores: [1, 2] }];
    assert.throws(() => cache.store(judge, rows), /'judge' has 1 labels, but a text 2 scores/);
    assert.equal(cache.count(judge), 0);
    return Promise.resolve();
  });
});

Deno.test("a process that is killed while it stores loses nothing that it had stored", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "scores.sqlite");
    for (const [round, patience] of [300, 370, 450].entries()) {
      const writer = startWriter(path, `round ${round}`, 1e9);
      let said = "";
      const reading = (async () => {
        const decoder = new TextDecoder();
        for await (const chunk of writer.stdout) said += decoder.decode(chunk, { stream: true });
      })();
      while (said === "") await new Promise((resolve) => setTimeout(resolve, 10));
      await new Promise((resolve) => setTimeout(resolve, patience));
      writer.kill("SIGKILL");
      await Promise.all([writer.status, reading]);
      const stored = said.slice(0, said.lastIndexOf("\n")).split("\n").length;
      using cache = ScoreCache.open(path);
      const texts = Array.from({ length: stored }, (_, i) => `round ${round} ${i}`);
      assert.ok(stored > 10);
      assert.ok(cache.lookUp(judge, texts).every((scores, i) => scores?.[0] === i % 101 / 100));
      cache.store(judge, [{ text: `after ${round}`, scores: [1] }]);
    }
    using database = new DatabaseSync(path);
    assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, {
      integrity_check: "ok",
    });
  });
});

Deno.test("several processes store at once, and all of it is there", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "scores.sqlite");
    const writers = [0, 1, 2].map((name) => startWriter(path, `writer ${name}`, 60));
    const outcomes = await Promise.all(writers.map((writer) => writer.output()));
    assert.deepEqual(outcomes.map(({ code }) => code), [0, 0, 0]);
    using cache = ScoreCache.open(path);
    assert.equal(cache.count(judge), 180);
  });
});

Deno.test("a file that is no cache, a broken one and a folder that is not there are refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const text = join(folder, "a.txt");
    await Deno.writeTextFile(
      text,
      "not a database, but long enough to have a header of one: ".repeat(20),
    );
    assert.throws(() => ScoreCache.open(text), {
      message:
        `Cannot use the cache of scores '${text}': file is not a database, so name another file, or remove it to score anew`,
    });
    const other = join(folder, "other.sqlite");
    {
      using database = new DatabaseSync(other);
      database.exec("CREATE TABLE a (b)");
    }
    assert.throws(
      () => ScoreCache.open(other),
      /it is not a cache of scores, so name another file/,
    );
    assert.throws(
      () => ScoreCache.open(join(folder, "none", "a.sqlite")),
      /unable to open database file, so check that its folder is there/,
    );
    const later = join(folder, "later.sqlite");
    ScoreCache.open(later)[Symbol.dispose]();
    {
      using database = new DatabaseSync(later);
      database.exec("PRAGMA user_version = 9");
    }
    assert.throws(() => ScoreCache.open(later), /it is of version 9, and this program reads 1/);
  });
});
