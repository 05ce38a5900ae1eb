import assert from "node:assert/strict";
import type { OptionTable } from "../../lib/options/option.ts";
import { checkArgument, settle } from "../../lib/options/settle.ts";

const table = {
  topK: {
    type: "integer",
    min: 1,
    default: 20,
    help: "tokens that a step chooses from",
    former: ["k"],
  },
  samples: { type: "integer", min: 1, default: 25, help: "continuations", former: ["n"] },
  temperature: { type: "number", min: 0, default: 1, help: "temperature" },
  share: { type: "number", above: 0, below: 1, help: "a share" },
  regularizer: { type: "number", min: 0, default: 1, help: "the regularizer's coefficient" },
  baseline: { type: "boolean", default: true, help: "the baseline" },
  kind: { type: "choice", of: ["arm", "rad"], required: true, help: "what is trained" },
  codes: { type: "list", of: { type: "text" }, length: 2, help: "two words" },
  labels: { type: "list", of: { type: "text" }, empty: false, help: "columns" },
  rated: {
    type: "either",
    of: [{ type: "choice", of: ["vocabulary"] }, { type: "integer", min: 1 }],
    help: "what is rated",
  },
  guides: {
    type: "list",
    of: { type: "options", of: { beta: { type: "number", help: "strength", required: true } } },
    help: "what steers",
  },
  signal: {
    type: "value",
    is: (value: unknown): value is AbortSignal => value instanceof AbortSignal,
    what: "an AbortSignal",
    help: "stops it",
  },
} as const satisfies OptionTable;

function sentence(options: unknown): string {
  try {
    settle("f", table, options);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError);
    return `${error.name}: ${error.message}`;
  }
  return "none";
}

Deno.test("options that are not given have their defaults", () => {
  const signal = new AbortController().signal;
  assert.deepEqual(settle("f", table, { kind: "arm", topK: undefined, signal }), {
    topK: 20,
    samples: 25,
    temperature: 1,
    regularizer: 1,
    baseline: true,
    kind: "arm",
    signal,
  });
});

Deno.test("an unknown option is an error that names the nearest right one", () => {
  const said = (name: string) => sentence({ kind: "arm", [name]: 1 });
  assert.equal(said("n"), "TypeError: f has no option 'n': it is called 'samples'.");
  assert.equal(
    said("regularisation"),
    "TypeError: f has no option 'regularisation': did you mean 'regularizer'?",
  );
  assert.equal(
    said("base_line"),
    "TypeError: f has no option 'base_line': did you mean 'baseline'?",
  );
  assert.equal(said("top_k"), "TypeError: f has no option 'top_k': did you mean 'topK'?");
  assert.match(said("quux"), /^TypeError: f has no option 'quux'; there are topK, samples, /);
});

Deno.test("a name of Object's own is no option", () => {
  assert.match(sentence({ kind: "arm", toString: 1 }), /^TypeError: f has no option 'toString'/);
});

Deno.test("a wrong type is an error that shows what there is and what there must be", () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ topK: "20" }, "f: 'topK' must be a whole number from 1 up, not the text \"20\"."],
    [{ baseline: 1 }, "f: 'baseline' must be true or false, not 1."],
    [
      { labels: "label" },
      "f: 'labels' must be a list of one or more, each a text, not the text \"label\".",
    ],
    [{ labels: ["a", 2] }, "f: 'labels[1]' must be a text, not 2."],
    [{ guides: [{}] }, "f needs the option 'guides[0].beta', strength: give a number."],
    [{ guides: [new Map()] }, "f: 'guides[0]' must be an object with beta, not an object (Map)."],
    [{ guides: [{ beta: "20" }] }, "f: 'guides[0].beta' must be a number, not the text \"20\"."],
    [{ signal: {} }, "f: 'signal' must be an AbortSignal, not an object."],
    [{ rated: true }, "f: 'rated' must be \"vocabulary\", or a whole number from 1 up, not true."],
    [{ samples: null }, "f: 'samples' must be a whole number from 1 up, not null."],
  ];
  for (const [options, message] of wrong) {
    assert.equal(sentence({ kind: "arm", ...options }), `TypeError: ${message}`);
  }
});

Deno.test("a value out of range is an error that names the range", () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ topK: 0 }, "f: 'topK' must be a whole number from 1 up, not 0."],
    [{ topK: 1.5 }, "f: 'topK' must be a whole number from 1 up, not 1.5."],
    [{ temperature: NaN }, "f: 'temperature' must be a number from 0 up, not NaN."],
    [{ share: 1 }, "f: 'share' must be a number above 0 and below 1, not 1."],
    [{ kind: "arms" }, "f: 'kind' must be one of arm, rad, not the text \"arms\"."],
    [{ codes: ["a"] }, "f: 'codes' must be a list of 2, each a text, not a list of 1."],
    [{ labels: [] }, "f: 'labels' must be a list of one or more, each a text, not a list of 0."],
    [{ rated: 0 }, "f: 'rated' must be a whole number from 1 up, not 0."],
  ];
  for (const [options, message] of wrong) {
    assert.equal(sentence({ kind: "arm", ...options }), `RangeError: ${message}`);
  }
});

Deno.test("an option that has to be given is asked for with what it is for", () => {
  assert.equal(
    sentence({}),
    "TypeError: f needs the option 'kind', what is trained: give one of arm, rad.",
  );
  assert.equal(sentence(undefined), sentence({}));
});

Deno.test("options that are no object are an error", () => {
  assert.equal(
    sentence("fast"),
    'TypeError: f takes an object of options as its last argument, not the text "fast".',
  );
  assert.equal(
    sentence([1]),
    "TypeError: f takes an object of options as its last argument, not a list of 1.",
  );
  assert.equal(
    sentence(new AbortController().signal),
    "TypeError: f takes an object of options as its last argument, not an object (AbortSignal).",
  );
  assert.equal(
    sentence(new Map([["topK", 1]])),
    "TypeError: f takes an object of options as its last argument, not an object (Map).",
  );
});

Deno.test("an argument is checked as an option is", () => {
  const prompts = { type: "list", of: { type: "text" } } as const;
  assert.throws(() => checkArgument("f", "prompts", prompts, "the film"), {
    name: "TypeError",
    message: "f: 'prompts' must be a list, each a text, not the text \"the film\".",
  });
  assert.throws(() => checkArgument("f", "prompts", prompts, undefined), {
    name: "TypeError",
    message: "f needs 'prompts': give a list, each a text.",
  });
  checkArgument("f", "prompts", prompts, ["the film"]);
});
