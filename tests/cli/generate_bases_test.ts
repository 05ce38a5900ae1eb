import assert from "node:assert/strict";
import { join } from "node:path";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer } from "../../lib/data/tokenizer.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { withCompletionsServer } from "../bases/completions_server.ts";
import { closedAddress } from "../closed_port.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";
import { writeTinyModels } from "./tiny_inputs.ts";
import { cpu } from "../run_graph.ts";

/** Runs `test` with tiny models, the base also exported, and the settings of a short run. */
async function withModels(
  test: (
    models: { parent: string; base: string; exported: string; arm: string },
    settings: string[],
  ) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const { base, arm } = await writeTinyModels(parent);
    const exported = join(parent, "exported");
    await exportBaseModel(base, exported);
    const steering = ["--reward", arm, "--label", "positive", "--beta", "20"];
    const prompts = ["--prompt", "the film was", "--prompt", "nobody"];
    const size = ["--n", "3", "--max-tokens", "6", "--device", "cpu"];
    await test({ parent, base, exported, arm }, [...prompts, ...steering, ...size]);
  });
}

Deno.test("generate writes the same with a model of ours, of transformers.js, and behind a server", async () => {
  await withModels(async ({ base, exported }, settings) => {
    const { stdout: expected } = await runTask("generate", "--base", base, ...settings);
    assert.match(expected, /the film was\n {2}… /);
    const { stdout } = await runTask("generate", "--base", exported, ...settings);
    assert.equal(stdout, expected);

    await using model = await openTransformersBase(exported, cpu);
    await withCompletionsServer(model, await loadTokenizer(base), {}, async (url) => {
      const server = ["--base", url, "--base-tokenizer", base, "--base-model", "tiny"];
      const { stdout } = await runTask("generate:net", ...server, ...settings);
      assert.equal(stdout, expected);
    });
  });
});

Deno.test("a reward model of another tokenizer steers them all alike, and that it reads texts is said once", async () => {
  await withModels(async ({ parent, base, exported }, [...settings]) => {
    const { arm } = await writeTinyModels(join(parent, "other"), { vocabularySize: 300 });
    settings[settings.indexOf("--reward") + 1] = arm;
    const steering = [...settings, "--reward", arm, "--label", "rude", "--inverse"];
    const { stdout: expected, stderr } = await runTask("generate", "--base", base, ...steering);
    assert.match(
      stderr,
      /^'\S+base' and '\S+other\/arm' have different tokenizers \(token \d+ is "\S+" in the one and "\S+" in the other\), so the latter reads texts with each candidate\.\n[^\n]*backbone calls a step: base 1, arm \d+(\.\d+)?, arm \d+(\.\d+)?\.\n$/,
    );
    const { stdout } = await runTask("generate", "--base", exported, ...steering);
    assert.equal(stdout, expected);
    await using model = await openTransformersBase(exported, cpu);
    await withCompletionsServer(model, await loadTokenizer(base), {}, async (url) => {
      const server = ["--base", url, "--base-tokenizer", base, "--base-model", "tiny"];
      const { stdout } = await runTask("generate:net", ...server, ...steering);
      assert.equal(stdout, expected);
    });
    const fast = [...steering, "--retokenize", "candidate"];
    const one = await runTask("generate", "--base", base, ...fast);
    assert.match(one.stderr, /so the latter reads each candidate by itself\.\n/);
  });
});

Deno.test("generate says what is wrong with a base model that it cannot use", async () => {
  await withModels(async ({ parent, base, exported }, settings) => {
    const generate = async (reason: RegExp, ...args: string[]) =>
      await refuse(1, reason, "generate", ...args, ...settings);
    const server = ["--base", closedAddress(), "--base-model", "a"];
    await generate(/tokenizer of the model behind .* is not known/, ...server);
    await generate(/may not use the network.* :net/, ...server, "--base-tokenizer", base);
    await generate(/may not use the network.* :net/, "--base", "owner/name");
    await generate(
      /it has no onnx\/model_q4\.onnx \(dtype q4\); it has fp32/,
      "--base",
      exported,
      "--dtype",
      "q4",
    );
    await generate(
      /model\.safetensors, which has no option 'dtype'/,
      "--base",
      base,
      "--dtype",
      "q4",
    );

    const other = join(parent, "other");
    await writeTokenizer(other, trainByteLevelBpe(["abab"], { vocabSize: 258 }));
    const strict = ["--retokenize", "never"];
    await generate(
      /different tokenizers \(token \d+ is .*so use models that share one/,
      ...["--base", exported, "--base-tokenizer", other],
      ...strict,
    );
  });
});
