import assert from "node:assert/strict";
import { OneChoice, topTokensIn } from "../../lib/bases/completions_answer.ts";

Deno.test("OpenAI's answers, with vLLM's token ids, and those of the chat form are read", () => {
  const choices = [
    { index: 1, logprobs: { top_logprobs: [{ " a": -0.5, "token_id:12": -1, b: null }] } },
    {
      index: 0,
      logprobs: {
        content: [{
          top_logprobs: [{ id: 7, token: "x", logprob: -2 }, { token: "y", logprob: -3 }],
        }],
      },
    },
  ];
  assert.deepEqual(topTokensIn({ choices }, 2, "server"), [
    [{ token: 7, logprob: -2 }, { token: "y", logprob: -3 }],
    [
      { token: " a", logprob: -0.5 },
      { token: 12, logprob: -1 },
      { token: "b", logprob: -Infinity },
    ],
  ]);
});

const readOf = (top_logprobs: unknown) =>
  topTokensIn({ choices: [{ logprobs: { top_logprobs } }] }, 1, "server")[0];

Deno.test("lists of entries, as MLX's server gives them, are read by their ids", () => {
  const entries = [{ id: 267, token: "Ġand", logprob: -0.5 }, {
    id: 13,
    token: ".",
    logprob: null,
  }];
  assert.deepEqual(readOf([entries]), [
    { token: 267, logprob: -0.5 },
    { token: 13, logprob: -Infinity },
  ]);
});

Deno.test("objects of a log-probability and more, by the tokens' ids or names, are read", () => {
  const named = { "267": { logprob: -0.5, rank: 1, decoded_token: " and" }, " a": { logprob: -1 } };
  assert.deepEqual(readOf([named]), [{ token: 267, logprob: -0.5 }, { token: " a", logprob: -1 }]);
  // a number that is a text
  assert.deepEqual(readOf([{ "267": -2 }]), [{ token: "267", logprob: -2 }]);
});

Deno.test("an object without a list around it, and numbers that are texts, are read", () => {
  assert.deepEqual(readOf({ " a": -1, " b": "-2.5", " c": "-Infinity", " d": "-inf", " e": "" }), [
    { token: " a", logprob: -1 },
    { token: " b", logprob: -2.5 },
    ...[" c", " d", " e"].map((token) => ({ token, logprob: -Infinity })),
  ]);
});

Deno.test("names of bytes, and lists of them, tell a part of a character", () => {
  const name = String.raw`bytes: \xf0\x9F`;
  assert.deepEqual(readOf([{ [name]: -1 }]), [
    { token: name, bytes: [0x20, 0xf0, 0x9f], logprob: -1 },
  ]);
  assert.deepEqual(readOf([[{ token: "\ufffd", bytes: [0xf0], logprob: -1 }]]), [
    { token: "\ufffd", bytes: [0xf0], logprob: -1 },
  ]);
});

Deno.test("one choice for several prompts is told from other wrong answers", () => {
  const choices = [{ logprobs: { top_logprobs: [{ a: -1 }] } }];
  assert.throws(() => topTokensIn({ choices }, 2, "server"), OneChoice);
  const wrong = (error: Error) => error instanceof SyntaxError && !(error instanceof OneChoice);
  assert.throws(() => topTokensIn({ choices: [...choices, ...choices] }, 1, "server"), wrong);
});

Deno.test("a name or a place that is a list, however deep, is none", () => {
  const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000));
  assert.deepEqual(readOf([[{ token: deep, logprob: -1 }]]), [{ token: "", logprob: -1 }]);
  const choices = [{ index: deep, logprobs: { top_logprobs: [{ a: -1 }] } }];
  assert.deepEqual(topTokensIn({ choices }, 1, "server"), [[{ token: "a", logprob: -1 }]]);
});
