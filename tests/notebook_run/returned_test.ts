import assert from "node:assert/strict";
import { rowsOf } from "../../lib/notebook_run/returned.ts";

Deno.test("what a notebook returns is a row each object, with intervals in columns of their own", () => {
  const interval = { estimate: 1, low: 0.5, high: 2 };
  assert.deepEqual(
    rowsOf([{ system: "ARM", ratio: interval, texts: ["we ate", "we sat"], of: [{}] }, {
      system: null,
    }]),
    [
      {
        system: "ARM",
        "ratio.estimate": 1,
        "ratio.low": 0.5,
        "ratio.high": 2,
        texts: '["we ate","we sat"]',
      },
      { system: null },
    ],
  );
  assert.deepEqual(rowsOf({ toRecords: () => [{ a: 1 }, { a: 2 }] }), [{ a: 1 }, { a: 2 }]);
  assert.deepEqual(rowsOf(3), [{ value: 3 }]);
  assert.deepEqual(rowsOf(undefined), []);
});
