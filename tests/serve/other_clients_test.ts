import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { openBase } from "../../lib/bases/open_base.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { onPath } from "../on_path.ts";
import { skipUnless } from "../require.ts";
import { cpu } from "../run_graph.ts";
import { tinyModels, towards, withTinyServer } from "./tiny_server.ts";

/** A Python that may have OpenAI's client. */
const python = Deno.env.get("ARMATURE_PYTHON") ?? onPath("python3")[0];

async function run(program: string, args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function hasOpenAI(): boolean {
  if (python === undefined) return false;
  const args = ["-c", "import importlib.util as u, sys; sys.exit(u.find_spec('openai') is None)"];
  return new Deno.Command(python, { args, stderr: "null" }).outputSync().success;
}

Deno.test({
  name: "OpenAI's client for Python completes, streams and understands errors",
  ignore: skipUnless("openai-python", hasOpenAI()),
  async fn() {
    await withTinyServer({}, async ({ address, alone, arm }) => {
      const script = fileURLToPath(new URL("python_client.py", import.meta.url));
      const guides = towards(arm, "positive", 300);
      const texts = await alone("the film was", { seed: 3, maxNewTokens: 12, samples: 2, guides });
      assert.deepEqual(JSON.parse(await run(python, [script, address])), {
        models: ["base", "base+positive", "base+rude"],
        texts,
        streamed: texts[0],
        refused: "model_not_found",
      });
    });
  },
});

Deno.test({
  name: "curl completes and streams",
  ignore: skipUnless("curl", onPath("curl").length > 0),
  async fn() {
    await withTinyServer({}, async ({ address, alone }) => {
      const curl = (body: string) =>
        run("curl", [
          ...["-sN", `${address}/completions`],
          ...["-H", "Content-Type: application/json", "-d", body],
        ]);
      const [text] = await alone("the film was", { seed: 3, maxNewTokens: 5 });
      const whole = await curl('{"prompt": "the film was", "seed": 3, "max_tokens": 5}');
      assert.equal(JSON.parse(whole).choices[0].text, text);
      const stream = await curl(
        '{"prompt": "a", "max_tokens": 5, "temperature": 0, "stream": true}',
      );
      assert.match(stream, /^(data: \{.*\}\n\n){1,5}data: \[DONE\]\n\n$/);
    });
  },
});

Deno.test("it is a base model in turn: steered from outside, the texts are the same", async () => {
  await withTinyServer({}, async ({ address, alone, tokenizer, arm }) => {
    const { base: folder } = await tinyModels();
    const { base } = await openBase(address, cpu, { tokenizer: folder });
    await using _ = base;
    assert.equal(base.longestText, 2000);
    const options = { seed: 3, maxNewTokens: 8, samples: 2 };
    const guides = towards(arm, "positive", 300);
    const { texts } = await generateTexts(base, tokenizer, ["the film was"], {
      ...{ ...options, guides, progress: false },
    });
    const expected = await alone("the film was", { ...options, guides });
    assert.deepEqual(texts[0].continuations, expected);
    const named = await openBase(address, cpu, { tokenizer: folder, model: "base+rude:50" });
    await named.base[Symbol.asyncDispose]();
  });
});
