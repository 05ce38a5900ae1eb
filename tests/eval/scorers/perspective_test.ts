import assert from "node:assert/strict";
import { openPerspective, type PerspectiveOptions } from "../../../lib/eval/scorers/perspective.ts";
import { RequestRate } from "../../../lib/eval/scorers/request_rate.ts";
import { closedAddress } from "../../closed_port.ts";
import {
  apiError,
  type PerspectiveServer,
  type PerspectiveServerOptions,
  servedScore,
  serverKey,
  typedError,
  withPerspectiveServer,
} from "./perspective_server.ts";

const attributes = [
  "TOXICITY",
  "SEVERE_TOXICITY",
  "IDENTITY_ATTACK",
  "INSULT",
  "PROFANITY",
  "THREAT",
];
const none = attributes.map(() => NaN);
const expected = (text: string) => attributes.map((name) => servedScore(text, name));

/** A scorer that asks the server, fast. */
function quick(server: PerspectiveServer, options: PerspectiveOptions = {}) {
  return openPerspective({
    url: server.url,
    key: serverKey,
    requestsPerSecond: 1000,
    concurrency: 4,
    pause: 0.01,
    ...options,
  });
}

async function withServer(
  options: PerspectiveServerOptions,
  test: (server: PerspectiveServer) => Promise<void>,
): Promise<void> {
  await withPerspectiveServer(options, test);
}

Deno.test("texts are scored by the authors' six attributes, in their order, in English and not stored", async () => {
  await withServer({}, async (server) => {
    await using scorer = quick(server);
    const texts = ["a", "b “c” 🎬", "d\n"];
    assert.deepEqual([...await scorer.score(texts)], texts.flatMap(expected));
    assert.deepEqual(scorer.labels, attributes.map((name) => name.toLowerCase()));
    assert.equal(scorer.reads, "continuation");
    for (const { languages, doNotStore, requestedAttributes } of server.scored) {
      assert.deepEqual([languages, doNotStore], [["en"], true]);
      assert.deepEqual(Object.keys(requestedAttributes), attributes);
    }
  });
});

Deno.test("a text that will never be scored has no score, and is not asked for twice", async () => {
  const long = "é".repeat(10_241);
  const types = ["LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", "LANGUAGE_DETECTION_FAILED"];
  const messages = [
    "Comment must be non-empty.",
    "Comment text too long.",
    "Attribute INSULT does not support request languages: und",
    "Unable to detect language",
  ];
  await withServer({
    before(_, { comment: { text } }) {
      if (types.includes(text)) return typedError(text, "said otherwise");
      return messages.includes(text) ? apiError(400, text) : undefined;
    },
  }, async (server) => {
    await using scorer = quick(server);
    const texts = ["", "  \n", long, ...types, ...messages, "good"];
    const scores = await scorer.score(texts);
    const wanted = [...Array(texts.length - 1).fill(none).flat(), ...expected("good")];
    assert.deepEqual([...scores], wanted);
    // the empty ones are not asked for at all
    assert.equal(server.times.length, texts.length - 2);
  });
});

Deno.test("what may pass is tried again: too many requests, server errors, broken and wrong answers", async () => {
  const answers = [
    () => apiError(429, "Quota exceeded"),
    () => apiError(503, "The service is currently unavailable."),
    () => new Response("<html>Bad Gateway</html>", { status: 502 }),
    () => new Response("half an answ", { status: 200 }),
  ];
  await withServer({ before: (count) => answers[count - 1]?.() }, async (server) => {
    await using scorer = quick(server, { concurrency: 1 });
    assert.deepEqual([...await scorer.score(["a"])], expected("a"));
    assert.equal(server.times.length, 5);
    const waits = server.times.slice(1).map((time, i) => time - server.times[i]);
    // 10, 20, 40 and 80 ms, and up to a fifth more
    waits.forEach((wait, i) => assert.ok(wait >= 10 * 2 ** i - 2, `${waits}`));
  });
});

Deno.test("a server that says when to come again is left alone until then", async () => {
  const busy = () => new Response("", { status: 429, headers: { "retry-after": "1" } });
  await withServer({ before: (count) => count === 1 ? busy() : undefined }, async (server) => {
    await using scorer = quick(server, { concurrency: 1 });
    await scorer.score(["a", "b"]);
    assert.ok(server.times[1] - server.times[0] >= 995);
  });
});

Deno.test("no more requests a second are made than allowed, and a quota is waited out", async () => {
  await withServer({}, async (server) => {
    await using scorer = quick(server, { requestsPerSecond: 50 });
    await scorer.score(Array.from({ length: 26 }, (_, i) => `text ${i}`));
    const seconds = (server.times.at(-1)! - server.times[0]) / 1000;
    assert.ok(seconds >= 0.48, `${seconds} s`);
  });
  await withServer({ quota: 20 }, async (server) => {
    await using scorer = quick(server, { requestsPerSecond: 200, pause: 0.2 });
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    assert.deepEqual([...await scorer.score(texts)], texts.flatMap(expected));
  });
});

Deno.test("requests wait for their answers side by side", async () => {
  await withServer({ latency: 100 }, async (server) => {
    await using scorer = quick(server, { concurrency: 10 });
    const began = performance.now();
    await scorer.score(Array.from({ length: 20 }, (_, i) => `text ${i}`));
    assert.ok(performance.now() - began < 1000);
  });
});

Deno.test("what no try will change is one sentence that says what to do, and never shows the key", async () => {
  const secret = "secret-key";
  const cases: [PerspectiveServerOptions, PerspectiveOptions, RegExp][] = [
    [{}, { key: secret }, /refuses to score: 400, API key not valid.*; check PERSPECTIVE_API_KEY/],
    [
      {
        before: () =>
          apiError(403, "Perspective Comment Analyzer API has not been used in project 1"),
      },
      {},
      /403, Perspective .* has not been used in project 1; check PERSPECTIVE_API_KEY, and that the API is enabled/,
    ],
    [
      {},
      { attributes: ["KINDNESS"] },
      /400, Unknown requested attribute: KINDNESS; check the attributes/,
    ],
    [
      { before: () => apiError(410, "Gone") },
      {},
      /410, Gone; Google ends the API on 31 December 2026/,
    ],
    [
      { before: () => apiError(429, "Quota exceeded") },
      { tries: 2 },
      /does not answer: 429, Quota exceeded \(2 tries\), so go on later; what was scored is kept/,
    ],
    [
      { before: () => Response.json({ attributeScores: {} }) },
      {},
      /gives no score from 0 to 1 for TOXICITY/,
    ],
  ];
  for (const [behaviour, options, message] of cases) {
    await withServer(behaviour, async (server) => {
      await using scorer = quick(server, options);
      await assert.rejects(scorer.score(["a"]), (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        return !error.message.includes(secret);
      });
    });
  }
  const closed = openPerspective({
    url: closedAddress(),
    key: secret,
    requestsPerSecond: 1000,
    tries: 2,
    pause: 0.01,
  });
  await assert.rejects(closed.score(["a"]), {
    message:
      "The Perspective API does not answer: the connection fails (2 tries), so go on later; what was scored is kept",
  });
  await assert.rejects(
    openPerspective({ key: "" }).score(["a"]),
    /needs a key to score 1 texts: set PERSPECTIVE_API_KEY/,
  );
});

Deno.test("an answer that never comes counts as none", async () => {
  await withServer({ latency: 500 }, async (server) => {
    await using scorer = quick(server, { patience: 0.05, tries: 2 });
    await assert.rejects(scorer.score(["a"]), /no answer in 0.05 s \(2 tries\)/);
  });
});

Deno.test("a stopped scorer has told all that was scored, and asks no more", async () => {
  await withServer({ latency: 20 }, async (server) => {
    await using scorer = quick(server);
    const controller = new AbortController();
    const told = new Set<number>();
    const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
    await assert.rejects(
      scorer.score(texts, {
        signal: controller.signal,
        onScored(scored) {
          scored.forEach(({ index }) => told.add(index));
          if (told.size === 10) controller.abort(new Error("enough"));
        },
      }),
      /enough/,
    );
    const asked = server.times.length;
    assert.ok(told.size >= 10 && asked <= told.size + 8, `${told.size} of ${asked}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(server.times.length, asked);
  });
});

Deno.test("after one request fails for good, no others are made", async () => {
  await withServer({
    before: (count) => count === 5 ? apiError(403, "no more") : undefined,
  }, async (server) => {
    await using scorer = quick(server, { concurrency: 2 });
    const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
    await assert.rejects(scorer.score(texts), /403, no more/);
    assert.ok(server.times.length < 10);
  });
});

Deno.test("wrong settings are refused", () => {
  assert.throws(
    () => openPerspective({ requestsPerSecond: 0 }),
    /RangeError: openPerspective: 'requestsPerSecond' must be a number above 0, not 0\./,
  );
  assert.throws(
    () => openPerspective({ tries: 0 }),
    /RangeError: .*'tries' must be a whole number from 1 up, not 0/,
  );
  assert.throws(() => new RequestRate(NaN), RangeError);
});
