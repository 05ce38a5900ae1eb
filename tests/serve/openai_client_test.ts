import assert from "node:assert/strict";
import OpenAI from "openai";
import { towards, withTinyServer } from "./tiny_server.ts";

const chatTemplate = {
  render: (messages: readonly { content: string }[]) => `the ${messages[0].content} and`,
};

Deno.test("OpenAI's client for JavaScript completes, chats, streams and understands errors", async () => {
  await withTinyServer({ key: "secret" }, async ({ address, alone, arm }) => {
    const client = new OpenAI({ baseURL: address, apiKey: "secret", maxRetries: 0 });
    const models = [];
    for await (const { id } of client.models.list()) models.push(id);
    assert.deepEqual(models, ["base", "base+positive", "base+rude"]);

    const options = { seed: 3, maxNewTokens: 12 };
    const guides = towards(arm, "positive", 300);
    const completion = await client.completions.create({
      ...{ model: "base", prompt: "the film was", seed: 3, max_tokens: 12, n: 2 },
      // what Python's client takes as extra_body is here a part of the body
      ...{ guides: [{ model: "arm", label: "positive", beta: 300 }] },
    });
    assert.deepEqual(
      completion.choices.map(({ text }) => text),
      await alone("the film was", { ...options, guides, samples: 2 }),
    );

    const chat = await client.chat.completions.create({
      ...{ model: "base+positive:300", seed: 3, max_completion_tokens: 12, stream: true },
      messages: [{ role: "user", content: "film" }],
    });
    let text = "";
    for await (const { choices: [{ delta }] } of chat) text += delta.content ?? "";
    assert.equal(text, (await alone("film", { ...options, guides, chat: true }))[0]);

    await assert.rejects(
      client.chat.completions.create({ model: "other", messages: [{ role: "user", content: "" }] }),
      (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found",
    );
    const stranger = new OpenAI({ baseURL: address, apiKey: "guess", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  }, (tokenizer) => ({ ...tokenizer, chatTemplate }));
});

Deno.test("who leaves the loop of a stream is written for no longer", async () => {
  await withTinyServer({}, async ({ address, metric, post }) => {
    const client = new OpenAI({ baseURL: address, apiKey: "none" });
    const stream = await client.completions.create({
      ...{ model: "base", prompt: "the", temperature: 0, max_tokens: 1024, stream: true },
    });
    for await (const _ of stream) break;
    // one more request, so that the server has had its turn
    await (await post("/completions", { prompt: "the", max_tokens: 1 })).text();
    for (let tries = 0; await metric("rows") > 0; tries++) assert.ok(tries < 500);
  });
});
