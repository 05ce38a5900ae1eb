import assert from "node:assert/strict";
import type { BaseModel, BaseReading, StartOptions } from "../../lib/bases/base_model.ts";
import type { ChatMessage } from "../../lib/chat/chat_message.ts";
import type { Guide } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import type { Explored } from "../../lib/explore/explored.ts";
import { delay } from "../../lib/delay.ts";
import { visible } from "../../lib/notebook/visible.ts";
import {
  ask,
  eventsOf,
  piecesOf,
  serve,
  textOf,
  towards,
  usual,
  withExplored,
  withExplorer,
} from "./tiny_explorer.ts";

/** The guides as generating takes them: without names. */
const guidesOf = (named: Explored["guides"]): Guide[] =>
  named.map(({ model, steering = [] }) => ({ model, steering }));

Deno.test("the texts are those that generating gives, with guidance and without", async () => {
  await withExplorer(async (address, explored) => {
    const { base, tokenizer, guides } = explored;
    const events = await eventsOf(await ask(address));
    const { topK, temperature, seed, maxNewTokens, samples, prompt } = usual;
    const options = { topK, temperature, seed, maxNewTokens, samples };
    const [steered, unsteered] = await Promise.all(
      [guidesOf(guides), []].map((guides) =>
        generateTexts(base, tokenizer, [prompt], { ...options, guides })
      ),
    );
    assert.deepEqual(events[0], { kind: "prompt", text: prompt });
    for (const [side, { texts, tokens }] of Object.entries({ steered, unsteered })) {
      const written = side as "steered" | "unsteered";
      assert.equal(textOf(events, written), visible(texts[0].continuations[0]));
      const pieces = piecesOf(events, written);
      assert.equal(pieces.reduce((sum, piece) => sum + piece.tokens.length, 0), tokens);
      const end = events.find((event) => event.kind === "end" && event.side === written);
      assert.ok(end?.kind === "end" && end.tokens === tokens && end.rate! > 0);
    }
    assert.notEqual(textOf(events, "steered"), textOf(events, "unsteered"));
  });
});

Deno.test("a chat is answered as generating answers it; the page shows what was said", async () => {
  const chatTemplate = {
    render: (messages: readonly ChatMessage[]) => `the ${messages[0].content} and`,
  };
  await withExplored(async (explored) => {
    const { base, tokenizer, guides } = explored;
    const chatty = { ...explored, tokenizer: { ...tokenizer, chatTemplate } };
    await using served = serve(chatty, { chat: true });
    const events = await eventsOf(await ask(served.address));
    const { topK, temperature, seed, maxNewTokens, samples, prompt } = usual;
    const { texts } = await generateTexts(base, chatty.tokenizer, [prompt], {
      ...{ topK, temperature, seed, maxNewTokens, samples },
      guides: guidesOf(guides),
      chat: true,
    });
    assert.deepEqual(events[0], { kind: "prompt", text: `${prompt}\n` });
    assert.equal(textOf(events, "steered"), visible(texts[0].continuations[0]));
    const error = /The base model's tokenizer has no chat template/;
    assert.throws(() => serve(explored, { chat: true }), error);
  });
});

Deno.test("with β = 0 both texts are the same, and their tokens are rated all the same", async () => {
  await withExplorer(async (address) => {
    const events = await eventsOf(await ask(address, { ways: [towards({ beta: 0 })] }));
    const [steered, unsteered] = [piecesOf(events, "steered"), piecesOf(events, "unsteered")];
    assert.ok(steered.length > 0);
    assert.deepEqual(
      steered.map(({ side: _, ...piece }) => piece),
      unsteered.map(({ side: _, ...piece }) => piece),
    );
    for (const { candidates, taken, unsteered: other } of steered.flatMap((x) => x.tokens)) {
      assert.equal(taken, other);
      assert.ok(candidates.every(({ reward }) => reward! >= 0 && reward! <= 1));
    }
  });
});

Deno.test("every sample is that of its number, whatever is written beside it", async () => {
  await withExplorer(async (address, { base, tokenizer, guides }) => {
    const samples = 3;
    const events = await eventsOf(await ask(address, { samples }));
    const { topK, temperature, seed, maxNewTokens, prompt } = usual;
    const options = { topK, temperature, seed, maxNewTokens, samples };
    for (const [side, way] of [["steered", guidesOf(guides)], ["unsteered", []]] as const) {
      const { texts } = await generateTexts(base, tokenizer, [prompt], { ...options, guides: way });
      const written = texts[0].continuations.map((_, sample) => textOf(events, side, sample));
      assert.deepEqual(written, texts[0].continuations.map(visible));
      assert.equal(new Set(written).size, samples);
    }
    assert.equal(events.filter(({ kind }) => kind === "end").length, 2 * samples);
  });
});

Deno.test("labels and directions are those that are asked for, and several add up", async () => {
  await withExplorer(async (address, { base, tokenizer, guides: [{ model }] }) => {
    const ways = [towards({ label: "rude", inverse: true, beta: 300 }), towards({ beta: 200 })];
    const events = await eventsOf(await ask(address, { ways }));
    const { topK, temperature, seed, maxNewTokens, prompt } = usual;
    const steering = ways.map(({ model: _, ...way }) => way);
    const { texts } = await generateTexts(base, tokenizer, [prompt], {
      ...{ topK, temperature, seed, maxNewTokens, samples: 1 },
      guides: [{ model, steering }],
    });
    assert.equal(textOf(events, "steered"), visible(texts[0].continuations[0]));
    assert.notEqual(
      textOf(events, "steered"),
      textOf(await eventsOf(await ask(address)), "steered"),
    );
  });
});

Deno.test("a base model alone writes unsteered texts, which nothing rates", async () => {
  await withExplorer(async (address) => {
    const { models, ways } = await (await fetch(`${address}settings`)).json();
    assert.deepEqual([models, ways], [[], []]);
    const events = await eventsOf(await ask(address, { ways, samples: 2 }));
    assert.deepEqual(piecesOf(events, "steered"), []);
    assert.equal(events.filter(({ kind }) => kind === "end").length, 2);
    for (const { candidates } of piecesOf(events, "unsteered").flatMap((x) => x.tokens)) {
      assert.ok(candidates.every(({ reward, added }) => reward === undefined && added === 0));
    }
  }, (explored) => ({ ...explored, guides: [] }));
});

Deno.test("what an explorer cannot begin with is refused in one sentence", async () => {
  await withExplored((explored) => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ k: 5 }, /^TypeError: serveExplorer has no option 'k': it is called 'topK'\.$/],
      [{ samples: 9 }, /^RangeError: serveExplorer: 'samples' must be .* from 1 to 8, not 9\.$/],
      [{ port: 65_536 }, /^RangeError: serveExplorer: 'port' must be .* from 0 to 65535/],
      [{ prompt: 7 }, /^TypeError: serveExplorer: 'prompt' must be a text, not 7\.$/],
      [{ guides: [explored.guides[0].model] }, /^TypeError: serveExplorer has no option /],
      [
        { guides: [{ ...explored.guides[0], steering: [{ label: "kind" }] }] },
        /^RangeError: serveExplorer: 'guides\[0\]' has no label 'kind', only positive, rude\.$/,
      ],
    ];
    for (const [options, message] of refused) {
      assert.throws(() => serve(explored, options), message);
    }
    const wrong = { ...explored, tokenizer: "a" as never };
    assert.throws(() => serve(wrong), /^TypeError: serveExplorer: 'tokenizer' must be /);
    return Promise.resolve();
  });
});

Deno.test("a token's candidates come with what they were before guidance and after", async () => {
  await withExplorer(async (address) => {
    const beta = 300;
    const events = await eventsOf(await ask(address, { ways: [towards({ beta })], topK: 7 }));
    const tokens = piecesOf(events, "steered").flatMap(({ tokens }) => tokens);
    for (const { candidates } of tokens) {
      assert.equal(candidates.length, 7);
      const guided = candidates.map(({ logit, reward }) => Math.exp(logit! + beta * reward!));
      const sum = guided.reduce((a, b) => a + b);
      candidates.forEach(({ after, added, reward }, i) => {
        assert.ok(Math.abs(after - guided[i] / sum) < 1e-3);
        assert.ok(Math.abs(added - beta * reward!) < 1e-3);
      });
      const before = candidates.reduce((sum, { before }) => sum + before, 0);
      assert.ok(Math.abs(before - 1) < 1e-6);
    }
    assert.ok(tokens.some(({ taken, unsteered }) => taken !== unsteered));
  });
});

Deno.test("control characters of a prompt come as signs that show them", async () => {
  await withExplorer(async (address) => {
    const prompt = "\u001b[31m <b>\u202e \ud800";
    const events = await eventsOf(await ask(address, { prompt, maxNewTokens: 2 }));
    assert.deepEqual(events[0], { kind: "prompt", text: "␛[31m <b>⟨U+202E⟩ \ufffd" });
    assert.equal(events.at(-1)?.kind, "end");
  });
});

Deno.test("what cannot be written is refused in one sentence", async () => {
  await withExplorer(async (address) => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ prompt: " \n" }, /^The prompt is empty/],
      [{ prompt: "the film was ".repeat(20) }, /^The prompt has \d+ tokens.*only 27 fit/],
      [{ prompt: "a".repeat(20_001) }, /20001 characters: shorten/],
      [{ prompt: "a".repeat(300_000) }, /too long: shorten/],
      [{ prompt: 7 }, /'prompt' is no text/],
      [{ ways: [towards({ beta: -1 })] }, /^β towards positive must be a number from 0 to 1000\.$/],
      [{ ways: [{ ...towards({ inverse: true }), beta: "1" }] }, /^β away from positive must be/],
      [{ ways: [towards({ model: "rad" })] }, /names a reward model that is not here/],
      [{ ways: [towards({ label: "kind" })] }, /arm has no such label/],
      [{ ways: [{ ...towards({}), inverse: 1 }] }, /'inverse' is neither true nor false/],
      [{ ways: [null] }, /a way to steer is not an object/],
      [{ ways: {} }, /'ways' is not a list/],
      [{ ways: Array(21).fill(towards({})) }, /^Steer in 20 ways at most\.$/],
      [{ topK: 0 }, /top k, must be a whole number from 1 to 100\.$/],
      [{ topK: 1.5 }, /top k, must be a whole number/],
      [{ samples: 9 }, /^The number of samples must be a whole number from 1 to 8\.$/],
      [{ temperature: 2.5 }, /^The temperature must be a number from 0 to 2\.$/],
      [{ temperature: null }, /^The temperature must be/],
      [{ seed: -1 }, /^The seed must be/],
      [{ maxNewTokens: 40 }, /^The number of new tokens must be a whole number from 1 to 38\.$/],
      [{ page: "<b>" }, /'page' is no name/],
    ];
    for (const [changes, message] of refused) {
      const answer = await ask(address, changes);
      const { error } = await answer.json();
      assert.equal(answer.status, 400, error);
      assert.match(error, message);
      assert.doesNotMatch(error, /\n/);
    }
    const headers = { "Content-Type": "application/json" };
    for (const body of ["{", "null", "[]", ""]) {
      const answer = await fetch(`${address}continuations`, { method: "POST", headers, body });
      assert.equal(answer.status, 400);
      assert.ok((await answer.json()).error);
    }
  });
});

Deno.test("the page's files come with their types and may load nothing from elsewhere", async () => {
  await withExplorer(async (address) => {
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, address));
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get("content-security-policy")!, /default-src 'none'/);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      return { type: answer.headers.get("content-type")!, text: await answer.text() };
    };
    const page = await get("/");
    assert.equal(page.type, "text/html; charset=utf-8");
    assert.doesNotMatch(page.text, /<script(?![^>]* src=)|<style| style=| on\w+=|https?:/);
    const linked = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
    assert.deepEqual(linked.sort(), ["/explorer.js", "/icon.svg", "/style.css"]);
    const types: Record<string, string> = {
      js: "text/javascript",
      svg: "image/svg",
      css: "text/css",
    };
    const seen = new Set<string>();
    for (let path = linked.pop(); path; path = linked.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const { type, text } = await get(path);
      assert.ok(type.startsWith(types[path.split(".").at(-1)!]), path);
      for (const [, module] of text.matchAll(/from "\.(\/[^"]+)"/g)) linked.push(module);
    }
    assert.ok(seen.size > 6);
  });
});

Deno.test("nothing else is served", async () => {
  await withExplorer(async (address) => {
    const paths = [
      "/explorer.ts",
      "/page/style.css",
      "/..%2fexplorer.ts",
      "/toString",
      "/index.html",
    ];
    for (const path of paths) {
      const answer = await fetch(new URL(path, address));
      assert.equal(answer.status, 404, path);
      await answer.body?.cancel();
    }
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${address}style.css`, { method: "POST", headers, body: "{}" });
    assert.equal(answer.status, 405);
    await answer.body?.cancel();
  });
});

Deno.test("requests that were meant for another host are refused", async () => {
  await withExplorer(async (address) => {
    const { port } = new URL(address);
    const hosts: [string, number][] = [
      [`127.0.0.1:${port}`, 200],
      [`localhost:${port}`, 200],
      [`evil.example:${port}`, 403],
      [`127.0.0.1.evil.example:${port}`, 403],
      [`127.0.0.1:${Number(port) + 1}`, 403],
      ["127.0.0.1", 403],
    ];
    for (const [host, status] of hosts) {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
      const request = `GET /settings HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      await connection.write(new TextEncoder().encode(request));
      const answer = await new Response(connection.readable).text();
      assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${host}\n${answer}`);
    }
  });
});

Deno.test("requests from the pages of other sites are refused", async () => {
  await withExplorer(async (address) => {
    const refused: Record<string, string>[] = [
      { Origin: "http://evil.example" },
      { Origin: "null" },
      { Origin: address.replace("http", "https").slice(0, -1) },
      { "Sec-Fetch-Site": "cross-site" },
      { "Content-Type": "text/plain" },
    ];
    for (const headers of refused) {
      const answer = await ask(address, {}, headers);
      assert.equal(answer.status, 403, JSON.stringify(headers));
      assert.match((await answer.json()).error, /own page only/);
    }
    const own = await ask(address, { maxNewTokens: 1 }, { Origin: address.slice(0, -1) });
    assert.equal(own.status, 200);
    await own.text();
  });
});

/** Watches a base model, which takes its time for every step. */
class SlowBase implements BaseModel {
  steps = 0;
  /** What steps wait for. */
  gate: Promise<void> = Promise.resolve();
  /** When the readings of both texts were given back. */
  readonly closed = Promise.withResolvers<void>();
  #open = 2;
  readonly #model: BaseModel;

  constructor(model: BaseModel) {
    this.#model = model;
  }

  get vocabulary() {
    return this.#model.vocabulary;
  }
  get ends() {
    return this.#model.ends;
  }
  get longestText() {
    return this.#model.longestText;
  }

  begin(prompt: readonly number[]) {
    return this.#model.begin(prompt);
  }

  async start(
    prompts: readonly (readonly number[])[],
    k?: number,
    options?: StartOptions,
  ): Promise<BaseReading> {
    const reading = await this.#model.start(prompts, k, options);
    return {
      get candidates() {
        return reading.candidates;
      },
      step: async (tokens) => {
        this.steps++;
        await this.gate;
        await delay(30);
        await reading.step(tokens);
      },
      select: (rows) => reading.select(rows),
      [Symbol.dispose]: () => {
        reading[Symbol.dispose]();
        if (--this.#open === 0) this.closed.resolve();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Reads an answer until this is there: something of both texts, if nothing else is said. */
async function beginReading(
  answer: Response,
  until = '"side":"unsteered"',
): Promise<ReadableStreamDefaultReader<string>> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes(until)) {
    const { done, value } = await reader.read();
    assert.ok(!done, said);
    said += value;
  }
  return reader;
}

Deno.test("a page that goes ends what is written for it", async () => {
  await withExplored(async (explored) => {
    const base = new SlowBase(explored.base);
    await using served = serve({ ...explored, base });
    const reader = await beginReading(await ask(served.address, { maxNewTokens: 30, seed: 1 }));
    await reader.cancel();
    await base.closed.promise;
    assert.ok(base.steps < 2 * 29, `${base.steps} steps`);
  });
});

Deno.test("a page that asks again ends what was written for it, and for no other", async () => {
  await withExplored(async (explored) => {
    const base = new SlowBase(explored.base);
    await using served = serve({ ...explored, base });
    const ends = async (reader: ReadableStreamDefaultReader<string>) => {
      let said = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return said.match(/"kind":"end"/g)?.length ?? 0;
        said += value;
      }
    };
    const begun = async (page: string) =>
      await beginReading(await ask(served.address, { page }), '"kind":"prompt"');
    const gate = Promise.withResolvers<void>();
    base.gate = gate.promise;
    const [one, other, again] = [await begun("one"), await begun("other"), await begun("one")];
    gate.resolve();
    assert.deepEqual(await Promise.all([one, other, again].map(ends)), [0, 2, 2]);
  });
});

Deno.test("an explorer that ends does not wait for those who read", async () => {
  await withExplored(async (explored) => {
    const base = new SlowBase(explored.base);
    const stop = new AbortController();
    const served = serve({ ...explored, base }, { signal: stop.signal });
    const reader = await beginReading(await ask(served.address, { maxNewTokens: 30 }));
    stop.abort();
    await served.finished;
    await base.closed.promise;
    assert.ok(base.steps < 2 * 29, `${base.steps} steps`);
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    });
  });
});

Deno.test("an explorer that was ended before it began is an error, and serves nothing", async () => {
  await withExplored((explored) => {
    const signal = AbortSignal.abort(new Error("ended"));
    assert.throws(() => serve(explored, { signal }), /^Error: ended$/);
    return Promise.resolve();
  });
});
