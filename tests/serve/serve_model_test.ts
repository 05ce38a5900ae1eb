import assert from "node:assert/strict";
import { delay } from "../../lib/delay.ts";
import type { ChatMessage } from "../../lib/chat/chat_message.ts";
import { eventsOf, type TinyServer, towards, withTinyServer } from "./tiny_server.ts";

const prompt = "the film was";

// deno-lint-ignore no-explicit-any -- what came over the wire is looked at field by field
type Json = any;

const choicesOf = (events: readonly Json[]): Json[] => events.flatMap(({ choices }) => choices);

Deno.test("a request's texts are those of generating, by seed, settings and steering", async () => {
  await withTinyServer({}, async ({ texts, alone, arm }) => {
    const usual = { prompt, seed: 3, max_tokens: 12 };
    const own = { seed: 3, maxNewTokens: 12 };
    const plain = await texts({ ...usual, n: 3 });
    assert.deepEqual(plain, await alone(prompt, { ...own, samples: 3 }));
    assert.equal(new Set(plain).size, 3);
    const steered = await alone(prompt, { ...own, guides: towards(arm, "positive", 500) });
    assert.notDeepEqual(steered, plain.slice(0, 1));
    const guides = [{ model: "arm", label: "positive", beta: 500 }];
    assert.deepEqual(await texts({ ...usual, guides }), steered);
    assert.deepEqual(await texts({ ...usual, model: "base+positive:500" }), steered);
    assert.deepEqual(
      await texts({ ...usual, model: "base+rude:-300", guides: [{ label: "rude", beta: -200 }] }),
      await alone(prompt, { ...own, guides: towards(arm, "rude", 500, true) }),
    );
    assert.deepEqual(
      await texts({ ...usual, temperature: 1.3, top_p: 0.8, min_p: 0.05, top_k: 7 }),
      await alone(prompt, { ...own, temperature: 1.3, topP: 0.8, minP: 0.05, topK: 7 }),
    );
    const [whole] = await alone(prompt, own);
    const stop = whole.slice(3, 5);
    assert.deepEqual(await texts({ ...usual, stop }), [whole.slice(0, whole.indexOf(stop))]);
    assert.deepEqual(
      await texts({ ...usual, stop: [stop, "never"] }),
      await alone(prompt, { ...own, stop: [stop] }),
    );
  });
});

Deno.test("in a crowd, and joined while others are written, a text is what it is alone", async () => {
  await withTinyServer({ rows: 5 }, async ({ texts, alone, arm, post, metric }) => {
    const first = await post("/completions", { prompt, seed: 1, max_tokens: 60, stream: true });
    const reader = first.body!.getReader();
    await reader.read();
    const asked = Array.from({ length: 12 }, (_, i) => ({
      ...{ prompt: prompt.slice(0, 3 + i), seed: i, max_tokens: 5 + i, n: 1 + i % 3 },
      ...{ temperature: i % 4 / 2, guides: [{ label: "rude", beta: 40 * i }] },
    }));
    const written = await Promise.all(asked.map(texts));
    for (const [i, { prompt, seed, max_tokens, n, temperature }] of asked.entries()) {
      const options = { seed, maxNewTokens: max_tokens, samples: n, temperature };
      const guides = towards(arm, "rude", 40 * i);
      assert.deepEqual(written[i], await alone(prompt, { ...options, guides }), prompt);
    }
    const tokens = await metric("generated_tokens_total");
    assert.ok(tokens > 2 * await metric("steps_total"), "texts were not written together");
    await reader.cancel();
  });
});

Deno.test("a stream has the same texts in pieces, and counts tokens where asked to", async () => {
  await withTinyServer({}, async ({ post, texts }) => {
    const body = { prompt: [prompt, "a"], n: 2, seed: 5, max_tokens: 15, logprobs: 2 };
    const whole = await (await post("/completions", body)).json();
    const answer = await post("/completions", {
      ...{ ...body, stream: true, stream_options: { include_usage: true } },
    });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    const events: Json[] = await eventsOf(answer);
    assert.deepEqual(events.at(-1)!.usage, whole.usage);
    assert.equal(
      whole.usage.total_tokens,
      whole.usage.prompt_tokens + whole.usage.completion_tokens,
    );
    assert.equal(whole.choices.length, 4);
    for (const { index, text, finish_reason, logprobs } of whole.choices) {
      const pieces = choicesOf(events).filter((choice) => choice.index === index);
      assert.equal(pieces.map(({ text }) => text).join(""), text);
      assert.deepEqual(pieces.flatMap(({ logprobs }) => logprobs.tokens), logprobs.tokens);
      assert.deepEqual(
        pieces.flatMap(({ logprobs }) => logprobs.text_offset),
        logprobs.text_offset,
      );
      assert.equal(pieces.at(-1)!.finish_reason, finish_reason);
      assert.ok(pieces.slice(0, -1).every(({ finish_reason }) => finish_reason === null));
    }
    // where a stop string may begin, a stream waits
    const [text] = await texts({ prompt, seed: 5, max_tokens: 15 });
    const stop = text.slice(4, 8);
    const stopped = await eventsOf(
      await post("/completions", { prompt, seed: 5, max_tokens: 15, stop, stream: true }),
    );
    const pieces = choicesOf(stopped).map(({ text }) => text);
    assert.equal(pieces.join(""), text.slice(0, text.indexOf(stop)));
    assert.equal(choicesOf(stopped).at(-1)!.finish_reason, "stop");
  });
});

Deno.test("log-probabilities are those that the tokens were drawn by", async () => {
  await withTinyServer({ topK: 9 }, async ({ post, tokenizer, base }) => {
    const ask = async (fields: Json) => {
      const body = { prompt, seed: 2, max_tokens: 6, logprobs: 9, ...fields };
      return (await (await post("/completions", body)).json()).choices[0].logprobs;
    };
    const named = await ask({ return_tokens_as_token_ids: true });
    const tops: Record<string, number>[] = named.top_logprobs;
    for (const [i, top] of tops.entries()) {
      assert.equal(Object.keys(top).length, 9);
      const sum = Object.values(top).reduce((sum, logprob) => sum + Math.exp(logprob), 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
      assert.equal(top[named.tokens[i]], named.token_logprobs[i]);
    }
    // those of the base model itself
    const reading = await base.start([tokenizer.encode(prompt)], 9);
    const logits = [...reading.candidates.logits.data as Float32Array];
    const ids = [...reading.candidates.ids!.data as BigInt64Array].map((id) => `token_id:${id}`);
    reading[Symbol.dispose]();
    const differences = ids.map((id, i) => tops[0][id] - logits[i]);
    assert.ok(differences.every((each) => Math.abs(each - differences[0]) < 1e-4));
    // steered by their guided distribution, whatever the temperature
    const steered = await ask({ model: "base+positive:500" });
    assert.notDeepEqual(steered.token_logprobs[0], named.token_logprobs[0]);
    const cold = await ask({ temperature: 0 });
    assert.deepEqual(Object.values(cold.top_logprobs[0]).sort(), Object.values(tops[0]).sort());
  });
});

Deno.test("a chat is answered through the model's template", async () => {
  const chatTemplate = {
    render: (messages: readonly ChatMessage[]) =>
      messages.map(({ content }) => `the ${content} and`).join(" "),
  };
  await withTinyServer({}, async ({ post, alone }) => {
    const messages = [{ role: "user", content: [{ type: "text", text: "film" }], name: null }];
    const body = { messages, seed: 4, max_completion_tokens: 9, logprobs: true, top_logprobs: 3 };
    const answer = await (await post("/chat/completions", body)).json();
    const [{ message, logprobs, finish_reason }] = answer.choices;
    const [expected] = await alone("film", { chat: true, seed: 4, maxNewTokens: 9 });
    assert.deepEqual(message, { role: "assistant", content: expected, refusal: null });
    assert.equal(finish_reason, "length");
    assert.equal(logprobs.content.length, 9);
    assert.ok(logprobs.content.every(({ top_logprobs }: Json) => top_logprobs.length === 3));
    const events: Json[] = await eventsOf(
      await post("/chat/completions", { ...body, stream: true }),
    );
    assert.deepEqual(choicesOf(events)[0].delta, { role: "assistant", content: "" });
    const pieces = choicesOf(events).map(({ delta }) => delta.content ?? "");
    assert.equal(pieces.join(""), expected);
  }, (tokenizer) => ({ ...tokenizer, chatTemplate }));
});

Deno.test("models are listed with their labels, and found by any strength", async () => {
  await withTinyServer({}, async ({ address }) => {
    const { data } = await (await fetch(`${address}/models`)).json();
    assert.deepEqual(data.map(({ id }: Json) => id), ["base", "base+positive", "base+rude"]);
    assert.deepEqual(data.map(({ parent }: Json) => parent), [null, "base", "base"]);
    const found = await fetch(`${address}/models/base+arm.positive:7`);
    assert.equal((await found.json()).id, "base+arm.positive:7");
    const missing = await fetch(`${address}/models/other`);
    assert.equal(missing.status, 404);
    assert.equal((await missing.json()).error.code, "model_not_found");
  });
});

const refusals: readonly [Json, number, string | null, RegExp][] = [
  [{ prompt, temprature: 1 }, 400, "temprature", /did you mean 'temperature'\?/],
  [{ prompt, temperature: -1 }, 400, "temperature", /from 0 to 100, not -1/],
  [{ prompt, frequency_penalty: 1 }, 400, "frequency_penalty", /is not supported here/],
  [{ prompt, logit_bias: { 5: 1 } }, 400, "logit_bias", /is not supported here/],
  [{ prompt: 3 }, 400, "prompt", /must be a text, the token ids of one, or a list of either/],
  [{ prompt: [400] }, 400, "prompt", /holds token 400, and .* 400 tokens/],
  [{}, 400, "prompt", /needs the option 'prompt'/],
  [{ prompt, model: "gpt" }, 404, "model", /there are base, base\+positive, base\+rude/],
  [{ prompt, model: "base+positive:x" }, 404, "model", /has 'x' where a strength is/],
  [{ prompt, model: "base+kind" }, 404, "model", /No guide has the label 'kind'/],
  [{ prompt, guides: [{}] }, 400, "guides[0]", /has several labels: name one of positive, rude/],
  [{ prompt, guides: [{ model: "x" }] }, 400, "guides[0]", /No guide is 'x': there are arm/],
  [{ prompt, top_k: 21 }, 400, "top_k", /may be 20 at most here, not 21/],
  [{ prompt, logprobs: 21 }, 400, "logprobs", /may be 20 at most here/],
  [{ prompt, n: 129 }, 400, "n", /129 texts are asked for, and 128 may be/],
  [{ prompt, max_tokens: 1025 }, 400, "max_tokens", /1025 new tokens .* 1024 may be/],
  [{ prompt: "a ".repeat(2000) }, 400, "prompt", /only 1983 fit into the context/],
  [{ prompt, stop: "" }, 400, "stop", /A stop string is empty/],
  [[], 400, null, /takes a JSON object/],
];

Deno.test("what cannot be done is an error in OpenAI's form, which names the field", async () => {
  await withTinyServer({}, async ({ post, address, texts }) => {
    for (const [body, status, param, message] of refusals) {
      const answer = await post("/completions", body);
      const { error } = await answer.json();
      assert.deepEqual([answer.status, error.param], [status, param], JSON.stringify(body));
      assert.match(error.message, message);
      assert.equal(error.type, "invalid_request_error");
    }
    const garbage: [string, RequestInit, number][] = [
      ["/completions", { method: "POST", body: "{" }, 415],
      ["/completions", { ...json, body: "{" }, 400],
      ["/completions", { ...json, body: "[".repeat(1e5) }, 400],
      ["/completions", { ...json, body: "[".repeat(1e5) + "]".repeat(1e5) }, 400],
      ["/completions", { ...json, body: " ".repeat(5e6) }, 413],
      ["/completions", {}, 405],
      ["/models", json, 405],
      ["/embeddings", json, 404],
      ["/chat/completions", { ...json, body: '{"messages":[{"role":"user"}]}' }, 400],
    ];
    for (const [path, init, status] of garbage) {
      const answer = await fetch(address + path, init);
      assert.equal(answer.status, status, path);
      assert.ok((await answer.json()).error.message.length > 0);
    }
    assert.deepEqual((await texts({ prompt, max_tokens: 3 })).length, 1);
  });
});

const json = { method: "POST", headers: { "Content-Type": "application/json" } };

/** Waits for something, at most a few seconds. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !await isSo(); tries++) {
    assert.ok(tries < 300, "it did not come about");
    await delay(10);
  }
}

/** Asks for a text that takes long, and does not end by itself. */
const long = (post: TinyServer["post"], init: RequestInit = {}) =>
  post("/completions", { prompt, temperature: 0, max_tokens: 1024, stream: true }, {
    headers: json.headers,
    ...init,
  });

Deno.test("who goes away is written for no longer, and those that wait are in turn", async () => {
  await withTinyServer({ rows: 2, queue: 1 }, async ({ post, metric, texts, alone }) => {
    const controller = new AbortController();
    const streams = [await long(post), await long(post, { signal: controller.signal })];
    const waiting = texts({ prompt, seed: 1, max_tokens: 5 });
    await until(async () => await metric("waiting_texts") === 1);
    const refused = await post("/completions", { prompt });
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal((await refused.json()).error.code, "rate_limit_exceeded");
    // who does not read holds no row for longer than its text takes
    controller.abort();
    await assert.rejects(streams[1].text());
    assert.deepEqual(await waiting, await alone(prompt, { seed: 1, maxNewTokens: 5 }));
    await streams[0].body!.cancel();
    await until(async () => await metric("rows") === 0);
    // before an answer has begun as well
    const gone = new AbortController();
    const asking = post("/completions", { prompt, temperature: 0, max_tokens: 1024 }, {
      headers: json.headers,
      signal: gone.signal,
    });
    await until(async () => await metric("rows") === 1);
    gone.abort();
    await assert.rejects(asking);
    await until(async () => await metric("rows") === 0);
  });
});

Deno.test("a request that takes too long ends, whether it waits or is written", async () => {
  await withTinyServer({ rows: 1, timeout: 0.1 }, async ({ post, metric }) => {
    const stream = await long(post);
    const waits = await post("/completions", { prompt, temperature: 0, max_tokens: 1024 });
    assert.equal(waits.status, 504);
    assert.equal((await waits.json()).error.code, "timeout");
    const events: Json[] = await eventsOf(stream);
    assert.equal(events.at(-1)!.error.code, "timeout");
    await until(async () => await metric("rows") === 0);
  });
});

Deno.test("other machines need the key; pages of other sites are not answered", async () => {
  await withTinyServer({ key: "secret" }, async ({ address }) => {
    const ask = (authorization?: string) =>
      fetch(`${address}/models`, { headers: authorization ? { authorization } : {} });
    for (const [key, status] of [[undefined, 401], ["Bearer no", 401], ["Bearer secret", 200]]) {
      const answer = await ask(key as string);
      assert.equal(answer.status, status);
      await answer.body!.cancel();
    }
    const health = await fetch(address.replace(/v1$/, "health"));
    assert.deepEqual([health.status, await health.json()], [200, { status: "ok" }]);
  });
  await withTinyServer({}, async ({ address, post }) => {
    const headers = { ...json.headers, Origin: "http://elsewhere.org" };
    const answer = await post("/completions", { prompt }, { headers });
    assert.equal(answer.status, 403);
    await answer.body!.cancel();
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(address).port),
    });
    const renamed = "GET /v1/models HTTP/1.1\r\nHost: elsewhere.org\r\nConnection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(renamed));
    assert.match(await new Response(connection.readable).text(), /^HTTP\/1.1 403 /);
  });
  await assert.rejects(
    withTinyServer({ host: "0.0.0.0" }, () => Promise.resolve()),
    /^TypeError: serveModel: other machines reach '0.0.0.0', so a 'key' is needed/,
  );
});
