import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import {
  type CompletionsBaseOptions,
  openCompletionsBase,
} from "../../lib/bases/completions_base.ts";
import { exportBaseModel } from "../../lib/bases/export_base_model.ts";
import { generate } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { closedAddress } from "../closed_port.ts";
import { cpu, floatsOf } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyBackbone, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";
import { withEnvironment } from "../with_environment.ts";
import { checkBaseReadings } from "./base_property.ts";
import {
  type RequestBody,
  type ServerOptions,
  withCompletionsServer,
} from "./completions_server.ts";
import { letters } from "./letters.ts";

interface Served {
  /** The address of the server. */
  readonly url: string;
  /** What it was asked so far. */
  readonly requests: readonly RequestBody[];
  /** The model that it serves. */
  readonly direct: BaseModel;
  readonly whole: WholeTextModel;
  /** A reward model with the same tokens. */
  readonly arm: string;
  /** Opens the server's model; tries again at once. */
  open(options?: CompletionsBaseOptions & { readonly url?: string }): Promise<BaseModel>;
}

/** Runs `test` with a server of the tiny language model. */
async function withServer(
  options: ServerOptions,
  test: (served: Served) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    const folder = await writeTinyModel(parent, "lm");
    await exportBaseModel(folder, join(parent, "exported"));
    await using direct = await openTransformersBase(join(parent, "exported"), cpu);
    await using whole = await WholeTextModel.open(folder);
    const arm = await writeTinyModel(parent, "arm");
    await withCompletionsServer(direct, letters, options, async (url, requests) => {
      const open = (
        { url: at = url, ...options }: CompletionsBaseOptions & { readonly url?: string } = {},
      ) => openCompletionsBase(at, letters, { firstDelay: 1, ...options });
      await test({ url, requests, direct, whole, arm, open });
    });
  });
}

const k = fc.integer({ min: 1, max: 8 });

for (const names of ["ids", "chat"] as const) {
  Deno.test(`a server that names tokens by id (${names}) gives the candidates of the whole texts`, async () => {
    await withServer({ names }, async ({ open, whole }) => {
      await using base = await open();
      await checkBaseReadings(base, whole, { candidates: k, numRuns: 10 });
    });
  });
}

Deno.test("the same seeds give the same tokens through a server as with the model opened here", async () => {
  await withServer({ names: "ids" }, async ({ open, direct, arm, requests }) => {
    await using base = await open();
    await using model = await openRewardModel(arm, cpu);
    const prompts = [[5, 6], [7], [8, 9, 10, 11]];
    const guides = [{ model, steering: [{ label: "calm", beta: 5 }] }];
    for (const settings of [{ guides }, { guides: [] }, { guides, temperature: 0 }]) {
      const options = { ...settings, topK: 10, samples: 4, maxNewTokens: 8, seed: 3, batchSize: 8 };
      const before = requests.length;
      const served = await generate(base, prompts, options);
      assert.deepEqual(
        served.continuations,
        (await generate(direct, prompts, options)).continuations,
      );
      // two batches, each at most one request a token
      assert.ok(requests.length - before <= 2 * options.maxNewTokens);
    }
  });
});

Deno.test("a server's texts are cut by min-p and stop strings; what only logits allow is refused", async () => {
  await withServer({ names: "ids" }, async ({ open, direct }) => {
    await using base = await open();
    const prompts = [letters.decode([5, 6]), letters.decode([7])];
    const options = { topK: 10, samples: 3, maxNewTokens: 8, seed: 3, minP: 0.2 };
    const stop = [letters.decode([9]), letters.decode([11])];
    const textsOf = async (base: BaseModel) =>
      (await generateTexts(base, letters, prompts, { ...options, stop })).texts;
    assert.deepEqual(await textsOf(base), await textsOf(direct));
    await assert.rejects(generate(base, [[5]], { ...options, repetitionPenalty: 1.2 }), {
      name: "TypeError",
      message:
        /^The server at .* tells log-probabilities, and a repetition penalty is of logits: leave it out\.$/,
    });
  });
});

Deno.test("a chat is sent as token ids, as its template writes it out, and not as text", async () => {
  const chatTemplate = { render: () => letters.decode([5, 6, 7]) };
  const chatty = { ...letters, chatTemplate };
  await withServer({ names: "ids" }, async ({ open, requests }) => {
    const options = { chat: true, topK: 5, samples: 1, maxNewTokens: 1 };
    await using base = await open();
    await generateTexts(base, chatty, ["hello"], options);
    assert.deepEqual(requests.at(-1)!.prompt, [[5, 6, 7]]);
    await using asText = await open({ prompts: "text" });
    await assert.rejects(generateTexts(asText, chatty, ["hello"], options), {
      message:
        /is sent text, in which the special tokens of a chat template are lost: let it be sent token ids/,
    });
  });
});

Deno.test("a batch is one request a step, with prompts as token ids or as text", async () => {
  await withServer({ names: "ids" }, async ({ open, requests, whole }) => {
    for (const prompts of ["ids", "text"] as const) {
      await using base = await open({ prompts });
      const before = requests.length;
      using reading = await base.start([[5], [6, 7]], 3);
      await reading.select([1, 1, 0]);
      await reading.step([8, 9, 10]);
      const asked = requests.slice(before).map(({ prompt }) => prompt);
      const ids = [[[5], [6, 7]], [[6, 7, 8], [6, 7, 9], [5, 10]]];
      assert.deepEqual(
        asked,
        prompts === "ids" ? ids : ids.map((texts) => texts.map(letters.decode)),
      );
      const [first] = await whole.logits([[6, 7, 8]]);
      const best = first.indexOf(Math.max(...first));
      assert.equal(Number((reading.candidates.ids!.data as BigInt64Array)[0]), best);
    }
    assert.ok(requests.every(({ max_tokens, logprobs }) => max_tokens === 1 && logprobs === 3));
  });
});

Deno.test("tokens named by an ambiguous text are left out, and fillers that cannot be drawn take their places", async () => {
  await withServer({ names: "texts" }, async ({ open, whole }) => {
    await using base = await open();
    const texts = Array.from({ length: 30 }, (_, i) => [i, 2 * i]);
    const k = 12;
    using reading = await base.start(texts, k);
    const { ids, logits } = reading.candidates;
    let fillers = 0;
    (await whole.logits(texts)).forEach((all, row) => {
      const sorted = [...all.keys()].sort((a, b) => all[b] - all[a]).slice(0, k);
      const certain = sorted.filter((id) => id !== 3 && id !== 4);
      const places = Array.from(
        (ids!.data as BigInt64Array).subarray(row * k, (row + 1) * k),
        Number,
      );
      const got = floatsOf(logits).subarray(row * k, (row + 1) * k);
      assert.deepEqual(places.slice(0, certain.length), certain);
      assert.ok(got.subarray(0, certain.length).every(Number.isFinite));
      assert.ok(got.subarray(certain.length).every((logit) => logit === -Infinity));
      assert.equal(new Set(places).size, k);
      assert.ok(places.every((id) => id >= 0 && id < tinyBackbone.vocabulary));
      fillers += k - certain.length;
    });
    assert.ok(fillers > 0);
    const { continuations } = await generate(base, texts, {
      topK: k,
      samples: 5,
      maxNewTokens: 3,
      seed: 1,
    });
    assert.ok(continuations.flat(2).every((id) => id !== 3 && id !== 4));
  });
});

for (const refused of ["as a wrong request", "without a word"] as const) {
  Deno.test(`a server that takes one prompt at a time, and refuses lists ${refused}, is asked text by text`, async () => {
    const before = (_: number, { prompt }: RequestBody) => {
      const isList = typeof prompt !== "string" && typeof prompt[0] !== "number";
      if (!isList) return undefined;
      if (refused === "as a wrong request") {
        return Response.json({ error: { message: "prompt must be a string" } }, { status: 400 });
      }
      return Response.json({ choices: [{ index: 0, logprobs: { top_logprobs: [{ a: -1 }] } }] });
    };
    const options = { topK: 6, samples: 2, maxNewTokens: 3, seed: 2 };
    await withServer({ before }, async ({ open, direct, requests }) => {
      const expected = await generate(direct, [[5, 6], [9]], options);
      for (const prompts of ["ids", "text"] as const) {
        await using base = await open({ prompts });
        const { continuations } = await generate(base, [[5, 6], [9]], options);
        assert.deepEqual(continuations, expected.continuations);
      }
      const lists = requests.filter(({ prompt }) => Array.isArray(prompt[0])).length +
        requests.filter(({ prompt }) => Array.isArray(prompt) && typeof prompt[0] === "string")
          .length;
      assert.equal(lists, 2);
    });
  });
}

Deno.test("what a server says of a wrong request is told, if single prompts are refused as well", async () => {
  const before = () =>
    Response.json({ error: { message: "logprobs is too large" } }, { status: 400 });
  await withServer({ before }, async ({ open }) => {
    await using base = await open();
    await assert.rejects(base.start([[5]], 2), { message: /400: logprobs is too large/ });
  });
});

Deno.test("the query of a server's address goes with every request", async () => {
  const query = "?api-version=2024-02-01";
  await withServer({ query }, async ({ open, url }) => {
    await using base = await open({ url: `${url}/v1/completions${query}` });
    using _reading = await base.start([[5]], 2);
    await assert.rejects(open(), { message: /knows no such address or model/ });
  });
});

Deno.test("a log-probability of −Infinity, as Python writes it, is none", async () => {
  const top = '{"token_id:5": -0.5, "token_id:6": -Infinity, "token_id:7": NaN}';
  const answer = `{"choices": [{"index": 0, "logprobs": {"top_logprobs": [${top}]}}]}`;
  await withServer({ before: () => new Response(answer) }, async ({ open }) => {
    await using base = await open();
    using reading = await base.start([[5]], 3);
    assert.deepEqual([...floatsOf(reading.candidates.logits)], [-0.5, -Infinity, -Infinity]);
  });
});

Deno.test("likely tokens that cannot be told are said once, and left out", async () => {
  const top = { "\ufffd": Math.log(0.9), [letters.decode([5])]: Math.log(0.1) };
  const answer = { choices: [{ index: 0, logprobs: { top_logprobs: [top] } }] };
  const said: string[] = [];
  const { error } = console;
  console.error = (text: string) => said.push(text);
  try {
    await withServer({ before: () => Response.json(answer) }, async ({ open }) => {
      await using base = await open();
      using reading = await base.start([[5]], 2);
      await reading.step([5]);
      assert.equal(Number(reading.candidates.ids!.data[0]), 5);
    });
  } finally {
    console.error = error;
  }
  assert.equal(said.length, 1);
  assert.match(
    said[0],
    /90 % of the probability after a text is of tokens whose names fit several/,
  );
});

Deno.test("a setting of vLLM's is left out for servers that refuse it", async () => {
  const before = (_: number, body: RequestBody) =>
    body.return_tokens_as_token_ids
      ? Response.json({
        error: { message: "Unrecognized request argument supplied: return_tokens_as_token_ids" },
      }, { status: 400 })
      : undefined;
  await withServer({ names: "texts", before }, async ({ open, requests }) => {
    await using base = await open();
    using reading = await base.start([[5]], 2);
    await reading.step([6]);
    assert.deepEqual(
      requests.map((body) => body.return_tokens_as_token_ids),
      [true, undefined, undefined],
    );
  });
});

Deno.test("a busy, failing or unreachable server is asked again", async () => {
  const answers = [
    () => new Response("busy", { status: 429, headers: { "retry-after": "0.01" } }),
    () => new Response("", { status: 503 }),
    () => Response.json({ error: { message: "CUDA error" } }, { status: 500 }),
  ];
  await withServer({ before: (count) => answers[count - 1]?.() }, async ({ open, requests }) => {
    await using base = await open();
    using _ = await base.start([[5]], 2);
    assert.equal(requests.length, 4);
  });
  await withServer({ before: () => new Response("busy", { status: 429 }) }, async (served) => {
    await using base = await served.open({ retries: 2 });
    await assert.rejects(base.start([[5]], 2), {
      message:
        `The server at ${served.url}/v1/completions is busy or failing (429: busy) after 3 tries: ` +
        "check that the server runs, or try again later.",
    });
    assert.equal(served.requests.length, 3);
  });
  await assert.rejects(
    openCompletionsBase(closedAddress(), letters, { retries: 1, firstDelay: 1 }),
    ({ message }: Error) => {
      assert.match(
        message,
        /^Cannot reach http:.*\/v1\/models \(.*\) after 2 tries: check that the/,
      );
      return !message.includes("\n");
    },
  );
});

Deno.test("requests and the waiting between them can be stopped", async () => {
  const controller = new AbortController();
  const before = () => {
    setTimeout(() => controller.abort(new Error("enough")), 20);
    return new Response("busy", { status: 429, headers: { "retry-after": "50" } });
  };
  await withServer({ before }, async ({ open }) => {
    await using base = await open({ signal: controller.signal });
    await assert.rejects(base.start([[5]], 2), { message: "enough" });
    await assert.rejects(base.start([[5]], 2), { message: "enough" });
  });
});

Deno.test("the key comes from an option or the environment, and a wrong one is an error that says so", async () => {
  await withServer({ key: "right" }, async ({ open, url }) => {
    const refused =
      `The server at ${url}/v1/models refused the key (401: Incorrect API key provided): ` +
      "set OPENAI_API_KEY to one that it knows.";
    await assert.rejects(open({ key: "wrong" }), { message: refused });
    await using base = await open({ key: "right" });
    using _ = await base.start([[5]], 2);
    await withEnvironment({ OPENAI_API_KEY: "right" }, async () => {
      await (await open())[Symbol.asyncDispose]();
    });
  });
});

Deno.test("the server's only model is taken, and what the server says of its context", async () => {
  await withServer({}, async ({ open, url }) => {
    await using base = await open();
    assert.deepEqual(
      [base.vocabulary, base.ends, base.longestText],
      [letters.vocabSize, [letters.endOfText], 24],
    );
    await using other = await open({ model: "large", url: `${url}/v1/completions/` });
    await assert.rejects(other.start([[5]], 2), {
      message:
        `The server at ${url}/v1/completions knows no such address or model (404: The model 'large' ` +
        "does not exist): check both.",
    });
  });
});

Deno.test("answers that are not those of a completions server with log-probabilities are refused", async () => {
  let answer = new Response();
  await withServer({ before: () => answer }, async ({ open, url }) => {
    await using base = await open();
    const refuse = async (body: unknown, message: RegExp) => {
      answer = new Response(typeof body === "string" ? body : JSON.stringify(body));
      await assert.rejects(base.start([[5]], 2), (error: Error) => {
        assert.ok(error.message.includes(url) && !error.message.includes("\n"), error.message);
        assert.match(error.message, message);
        return true;
      });
    };
    const top = (...tokens: Record<string, number>[]) => ({
      choices: tokens.map((token, index) => ({ index, logprobs: { top_logprobs: [token] } })),
    });
    await refuse("<html>\nWelcome", /answered with something that is not JSON \(<html> Welcome\)/);
    await refuse({ object: "chat" }, /has no choices/);
    await refuse({ choices: [{ text: "a" }] }, /has no top log-probabilities/);
    await refuse({ choices: [{ logprobs: null }] }, /has no top log-probabilities/);
    await refuse({ choices: [] }, /answered 0 choices to 1 prompts/);
    await refuse(top({ a: 0 }, { b: 0 }), /answered 2 choices to 1 prompts/);
    await refuse(
      top({ "token_id:1": -1 }),
      /gave 1 log-probabilities where 2 were asked for: choose a k of 1/,
    );
    await refuse(
      top({ "token_id:1": -1, "token_id:61": -2 }),
      /gave token 61, but its tokenizer has 61/,
    );
    await refuse(top({ "x": -1, "y": -2 }), /named the tokens "x", "y", none of which can be told/);
  });
});

Deno.test("more candidates than the server gives, and a whole vocabulary, are refused before it is asked", async () => {
  await withServer({ limit: 5 }, async ({ open, requests }) => {
    await using base = await open({ logprobs: 5 });
    await assert.rejects(base.start([[5]], 20), {
      name: "RangeError",
      message: /a k of 5 or less\.$/,
    });
    await assert.rejects(base.start([[5]]), { name: "RangeError", message: /choose a k\.$/ });
    assert.equal(requests.length, 0);
    await using unaware = await open();
    await assert.rejects(unaware.start([[5]], 20), {
      name: "RangeError",
      message: /gave 5 log-probabilities where 20 were asked for: choose a k of 5 or less/,
    });
  });
});

Deno.test("an address that is not a server's is refused", async () => {
  for (const url of ["models/base", "ftp://host", "http://name:secret@host"]) {
    await assert.rejects(openCompletionsBase(url, letters), {
      name: "TypeError",
      message: /^('.*' is not the address of a server|The server's address holds a user's name)/,
    });
  }
});
