import assert from "node:assert/strict";
import { Lazy } from "../../lib/runtime/lazy.ts";

const closing = (log: string[]): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => Promise.resolve(void log.push("closed")),
});

Deno.test("what is lazy is opened once, when it is first asked for, and closed if it was opened", async () => {
  const log: string[] = [];
  const open = () => {
    log.push("opened");
    return Promise.resolve(closing(log));
  };
  {
    await using _ = new Lazy(open);
  }
  assert.deepEqual(log, []);
  {
    await using lazy = new Lazy(open);
    const [a, b] = await Promise.all([lazy.get(), lazy.get()]);
    assert.equal(a, b);
  }
  assert.deepEqual(log, ["opened", "closed"]);
});

Deno.test("after an opening that failed the next one tries again", async () => {
  let tries = 0;
  await using lazy = new Lazy(() =>
    ++tries === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve(closing([]))
  );
  await assert.rejects(lazy.get(), { message: "not yet" });
  await lazy.get();
  assert.equal(tries, 2);
});
