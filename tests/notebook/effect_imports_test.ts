import assert from "node:assert/strict";
import { runCells, withJupyter } from "./kernel_session.ts";

Deno.test({
  ...withJupyter("a cell of imports shows nothing, one for its effect among them"),
  async fn() {
    const mod = new URL("../../lib/entries/notebook.ts", import.meta.url).href;
    const outcomes = await runCells([
      { code: `import ${JSON.stringify(mod)};\nimport { join } from "node:path";\nconst one = 1;` },
      { code: "one" },
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["ok", "ok"]);
    const shown = outcomes.map(({ outputs }) =>
      outputs.filter(({ type }) => type === "execute_result").length
    );
    assert.deepEqual(shown, [0, 1]);
  },
});
