import assert from "node:assert/strict";
import { join } from "node:path";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import type { ChatMessage } from "../../lib/chat/chat_message.ts";
import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { generate } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { streamTexts } from "../../lib/decode/stream_texts.ts";
import { type TextPrompt, tokenizedPrompts } from "../../lib/decode/text_prompts.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel, SharedTrunk } from "../../lib/methods/reward_model.ts";
import { letters } from "../bases/letters.ts";
import { withTinyModels } from "../open_tiny_models.ts";
import { cpu } from "../run_graph.ts";
import { integers } from "../../lib/runtime/value.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";

const { endOfText } = tinyBackbone;

/** A letter of the tiny tokenizer. */
const letter = (id: number) => String.fromCodePoint(0x4e00 + id);

/** Writes BOS, the letters of the roles and contents, and an opening of the answer, as tokens 50 to 53. */
function chatty(withBos: boolean): Tokenizer {
  const roles: Record<string, string> = {
    system: letter(50),
    user: letter(51),
    assistant: letter(52),
  };
  return {
    ...letters,
    bos: endOfText,
    encode: (text) => [...text].map((sign) => sign === "^" ? endOfText : letters.encode(sign)[0]),
    chatTemplate: {
      render: (messages) =>
        (withBos ? "^" : "") +
        messages.map(({ role, content }) => roles[role] + content).join("") + letter(53),
    },
  };
}

const chat: readonly ChatMessage[] = [
  { role: "system", content: letter(7) },
  { role: "user", content: letter(8) + letter(9) },
];
const chatIds = [50, 7, 51, 8, 9, 53];
const settings = { topK: 20, samples: 2, maxNewTokens: 5, seed: 3, ends: [] as number[] };

Deno.test("an answer follows the messages as the template writes them out, with the BOS that it writes and no other", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "bosLm");
    const onnx = join(folder, "onnx");
    await exportBaseModel(path, onnx);
    await using base = await openBaseModel(path, cpu);
    await using other = await openTransformersBase(onnx, cpu, { tokenizer: chatty(true) });
    // the same weights, read as they are
    await using plain = await openBaseModel(await writeWithoutBos(folder, path), cpu);
    for (const withBos of [true, false]) {
      const read = withBos ? [endOfText, ...chatIds] : chatIds;
      const expected = (await generate(plain, [read], settings)).continuations;
      const tokenizer = chatty(withBos);
      for (const way of [{ together: false }, { stepsPerRun: 1 }, { stepsPerRun: 50 }]) {
        const options = { ...settings, ...way };
        const { ids, promptIds } = await generateTexts(base, tokenizer, [chat], options);
        assert.deepEqual(ids, expected);
        assert.deepEqual(promptIds, [read]);
      }
      assert.deepEqual((await generateTexts(other, tokenizer, [chat], settings)).ids, expected);
    }
  });
});

/** A copy of a language model of ours that says it was trained without BOS. */
async function writeWithoutBos(folder: string, path: string): Promise<string> {
  const plain = join(folder, "plain");
  await Deno.mkdir(plain);
  await Deno.copyFile(join(path, "model.safetensors"), join(plain, "model.safetensors"));
  const config = JSON.parse(await Deno.readTextFile(join(path, "config.json")));
  config.armature.bos = false;
  await Deno.writeTextFile(join(plain, "config.json"), JSON.stringify(config));
  return plain;
}

Deno.test("a text is the message of a user, a list of messages is a chat, and both say what was asked", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const tokenizer = chatty(false);
    const [text] = [letter(8) + letter(9)];
    const asText = await generateTexts(lm, tokenizer, [text], { ...settings, chat: true });
    const user: readonly ChatMessage[] = [{ role: "user", content: text }];
    const asList = await generateTexts(lm, tokenizer, [user], settings);
    assert.deepEqual(asText.ids, asList.ids);
    assert.deepEqual(asText.promptIds, [[51, 8, 9, 53]]);
    assert.deepEqual(asText.texts[0].prompt, text);
    assert.ok(!("messages" in asText.texts[0]));
    const whole = await generateTexts(lm, tokenizer, [chat], settings);
    assert.deepEqual(whole.texts[0].prompt, text);
    assert.deepEqual(whole.texts[0].messages, chat);
    let streamed = "";
    for await (const piece of streamTexts(lm, tokenizer, [user], { ...settings, samples: 1 })) {
      streamed += piece.text;
    }
    assert.equal(streamed, asText.texts[0].continuations[0]);
  });
});

Deno.test("reward models read the answer as a text of its own, or the whole chat behind one BOS where that is asked for", async () => {
  await withTemporaryFolder(async (folder) => {
    await using base = await openBaseModel(await writeTinyModel(folder, "lm"), cpu);
    for (const name of ["arm", "rad", "gedi"] as const) {
      await using model = await openRewardModel(await writeTinyModel(folder, name), cpu);
      const guides = [{ model, steering: [{ label: "kind" }] }];
      for (const withBos of [true, false]) {
        for (const way of [{ together: false }, { stepsPerRun: 1 }, { stepsPerRun: 50 }]) {
          const options = { ...settings, ...way, guides, samples: 1, temperature: 0 };
          for (const rewardsRead of [undefined, "answer", "chat"] as const) {
            let written: number[] = rewardsRead === "chat" ? [...chatIds] : [];
            const seen: [number[], bigint[], number[]][] = [];
            await generateTexts(base, chatty(withBos), [chat], {
              ...options,
              ...(rewardsRead ? { rewardsRead } : {}),
              onStep: ({ candidates, scores: [scores], tokens: [token] }) => {
                seen.push([
                  written,
                  [...candidates.data as BigInt64Array],
                  [...(scores.data as Float32Array).subarray(0, 20)],
                ]);
                written = [...written, token];
              },
            });
            for (const [prefix, candidates, scores] of seen) {
              const expected = await ratingsOf(model, prefix, candidates);
              assert.ok(scores.every((score, i) => Math.abs(score - expected[i]) < 1e-4), name);
            }
          }
        }
      }
    }
  });
});

/** What a model says of candidates after a prefix, of its first label. */
async function ratingsOf(model: RewardModel, prefix: readonly number[], candidates: bigint[]) {
  using reading = await model.start([prefix]);
  const dims = [1, candidates.length];
  const { data } = await reading.rate(integers(dims, candidates.map(Number)));
  return Array.from((data as Float32Array).subarray(0, candidates.length));
}

Deno.test("what cannot be a chat is told in one sentence", async () => {
  await withTinyModels(async ({ bases: { lm } }) => {
    const said = async (prompts: readonly TextPrompt[], options = {}, tokenizer = chatty(true)) => {
      const error = await generateTexts(lm, tokenizer, prompts, options).catch((error) => error);
      return String(error);
    };
    assert.equal(
      await said(["a"], { chat: true }, letters),
      "TypeError: The base model's tokenizer has no chat template to write prompts out with: name a model that was " +
        "trained to answer, or leave 'chat' out.",
    );
    assert.match(await said([chat], { chat: false }), /Messages are a chat: leave 'chat' out/);
    assert.match(
      await said(["a"], { rewardsRead: "chat" }),
      /'rewardsRead' says what is read of a chat/,
    );
    const guides = [{ model: { trunk: {} as SharedTrunk } }];
    assert.throws(
      () => tokenizedPrompts(lm, chatty(true), [chat], { rewardsRead: "answer", guides }),
      /^TypeError: A reward model on the trunk of the base model reads the whole chat, .*`deno task merge`/,
    );
    assert.match(await said([[]]), /'prompts\[0\]' must be a list of one or more/);
    // a chat where a list of them should be
    assert.match(
      await said(chat as unknown as TextPrompt[]),
      /'prompts\[0\]' must be a text or the messages of a chat, not an object/,
    );
    const roleless = [{ rol: "user", content: "a" }] as unknown as readonly ChatMessage[];
    assert.match(
      await said([roleless]),
      /no option 'rol' in 'prompts\[0\]\[0\]': did you mean 'role'/,
    );
    assert.match(
      await said([[{ role: "user", content: letter(1).repeat(20) }]]),
      /Prompt 1 has 23 tokens, but with 20 new ones only/,
    );
  });
});

Deno.test("a folder's chat template is its file's, or its tokenizer_config.json's default, with its special tokens", async () => {
  await withTemporaryFolder(async (folder) => {
    const json = trainByteLevelBpe(["the film was good"], { vocabSize: 270 });
    await writeTokenizer(folder, json);
    const write = (name: string, content: unknown) =>
      Deno.writeTextFile(
        join(folder, name),
        typeof content === "string" ? content : JSON.stringify(content),
      );
    const config = JSON.parse(await Deno.readTextFile(join(folder, "tokenizer_config.json")));
    const rendered = async () =>
      (await loadTokenizer(folder)).chatTemplate?.render([{ role: "user", content: "hi" }]);
    assert.equal(await rendered(), undefined);
    await write("chat_template.json", { chat_template: "of processors" });
    assert.equal(await rendered(), "of processors");
    const own = "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}";
    await write("tokenizer_config.json", {
      ...config,
      bos_token: "<|endoftext|>",
      chat_template: own,
    });
    assert.equal(await rendered(), "<|endoftext|>hi<|endoftext|>");
    const listed = [{ name: "tool_use", template: "tools" }, {
      name: "default",
      template: "usual",
    }];
    await write("tokenizer_config.json", { ...config, chat_template: listed });
    assert.equal(await rendered(), "usual");
    await write("chat_template.jinja", "its own file");
    assert.equal(await rendered(), "its own file");
    await Deno.remove(join(folder, "chat_template.jinja"));
    await write("tokenizer_config.json", { ...config, chat_template: 3 });
    await assert.rejects(loadTokenizer(folder), /says a chat_template that is neither a text nor/);
    // special tokens that the template wrote are found in its text
    await write("tokenizer_config.json", {
      ...config,
      bos_token: "<|endoftext|>",
      chat_template: own,
    });
    const { encode, chatTemplate, bos } = await loadTokenizer(folder);
    const ids = encode(chatTemplate!.render([{ role: "user", content: "the" }]));
    assert.deepEqual(ids, [bos, ...encode("the"), bos]);
  });
});
