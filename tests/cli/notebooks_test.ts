import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { withNbconvert } from "../notebook/with_nbconvert.ts";
import { refuse } from "./run_task.ts";

Deno.test("without Jupyter one sentence says what to install", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "notebooks"],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: "/nowhere", NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.deepEqual([code, text.decode(stdout)], [1, ""]);
  assert.match(text.decode(stderr), /^error: .*`jupyter nbconvert` is not here.*\n$/m);
});

Deno.test({
  ...withNbconvert("a notebook that is not there is named"),
  fn: () => refuse(1, /nothing\.ipynb/, "notebooks", "nothing.ipynb"),
});
