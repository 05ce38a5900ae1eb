import assert from "node:assert/strict";
import { join } from "node:path";
import { openModelFolder } from "../../lib/weights/model_folder.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { ggufBytes } from "../weights/gguf/gguf_bytes.ts";
import { smallMetadata, smallModel } from "../weights/gguf/small_gguf.ts";
import { tasksWith } from "./run_task.ts";

Deno.test("a GGUF file is a base, a backbone of reward models, and what import makes a folder of", async () => {
  await withTemporaryFolder(async (folder) => {
    const { runTask, refuse } = tasksWith({ XDG_CACHE_HOME: join(folder, "cache") });
    const gguf = join(folder, "model.gguf");
    await Deno.writeFile(gguf, ggufBytes(smallMetadata("llama"), smallModel("llama").tensors));
    const generate = ["generate", "--base", gguf, "--prompt", "abc", "--temperature", "0"] as const;
    const few = ["--n", "1", "--max-new-tokens", "4", "--device", "cpu"] as const;
    const { stdout } = await runTask(...generate, ...few);
    assert.match(stdout, /^abc\n +… /);
    assert.equal((await runTask(...generate, ...few, "--keep-bits")).stdout, stdout);

    const texts = join(folder, "texts.csv");
    await Deno.writeTextFile(texts, "text,label\nabc def,1\ngh ijk,0\nlmn,1\nop,0\n");
    const arm = join(folder, "arm");
    await runTask(
      ...[
        "train",
        "reward",
        "--kind",
        "arm",
        "--data",
        texts,
        "--base",
        gguf,
        "--out",
        arm,
      ] as const,
      ...["--label", "label", "--max-steps", "1", "--device", "cpu"],
    );
    const steered = await runTask(...generate, ...few, "--reward", arm);
    assert.match(steered.stderr, /arm 1\.\n$/);

    const out = join(folder, "out");
    await runTask("import", "--gguf", gguf, "--out", out);
    assert.equal((await openModelFolder(out)).weights.tensors.size, 20);
    await refuse(1, /is there already/, "import", "--gguf", gguf, "--out", out);
    await refuse(
      2,
      /'--kind' does not go with '--gguf'/,
      "import",
      "--gguf",
      gguf,
      "--kind",
      "rad",
    );
    await refuse(2, /goes with '--gguf' only/, "import", "--keep-bits", "--out", out);
    await Deno.writeTextFile(gguf, "no model");
    await refuse(1, /is not a valid GGUF file/, ...generate, ...few);
    await refuse(1, /keepBits/, "generate", "--base", out, "--prompt", "a", "--keep-bits", ...few);
  });
});
