import assert from "node:assert/strict";
import { Random } from "../../../lib/random.ts";
import { compileGrammar } from "../../../lib/data/world/compile_grammar.ts";
import type { Grammar } from "../../../lib/data/world/grammar.ts";

/** Five words and two classes; ambiguous on purpose: "b b" can be written in several ways. */
const tiny: Grammar = {
  classes: [{ prior: 0.6, traits: ["up"] }, { prior: 0.4, traits: ["down"] }],
  start: "text",
  opposites: { up: "down", down: "up" },
  lexicon: { "up word": "a b", "down word": "c b", end: "d" },
  rules: {
    text: [
      [{ up: 3, down: 0.5 }, "<pair way=up>"],
      [{ down: 2 }, "<pair way=down>"],
      [0.5, "<maybe> <end>"],
    ],
    pair: [[1, "<$way word> <maybe> <$way word>"], [0.4, "b <$!way word>"]],
    maybe: [[1, ""], [{ up: 1.5 }, "e"], [0.3, "b"]],
  },
};

/** All sequences of at most `length` of the words. */
function* sequences(words: readonly string[], length: number): Generator<string[]> {
  yield [];
  if (length === 0) return;
  for (const rest of sequences(words, length - 1)) {
    for (const word of words) yield [word, ...rest];
  }
}

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("the probabilities of all texts of a tiny grammar sum to 1, as do those by class", () => {
  const automaton = compileGrammar(tiny, { slip: 0 });
  let total = 0;
  let up = 0;
  for (const text of new Set([...sequences(automaton.words, 3)].map((words) => words.join(" ")))) {
    const { logProbability, posterior } = automaton.score(
      [],
      text === "" ? [] : text.split(" "),
      true,
    );
    if (logProbability === -Infinity) continue;
    total += Math.exp(logProbability);
    up += Math.exp(logProbability) * posterior[0];
  }
  near(total, 1);
  near(up, 0.6);
});

Deno.test("a text's probability and posterior are those counted by hand", () => {
  const automaton = compileGrammar(tiny, { slip: 0 });
  // "e d" is only written by the third alternative: 0.5 of 4.5 or 3, then "e": 1.5 of 2.8 or 1 of 2.3.
  const up = 0.6 * (0.5 / 4.5) * (1.5 / 2.8);
  const down = 0.4 * (0.5 / 3) * (1 / 2.3);
  const { logProbability, posterior } = automaton.score([], ["e", "d"], true);
  near(Math.exp(logProbability), up + down);
  near(posterior[0], up / (up + down));
});

for (const slip of [0, 0.1]) {
  Deno.test(`a beginning is as probable as all that can follow it, with slips ${slip}`, () => {
    const automaton = compileGrammar(tiny, { slip, spelled: 0 });
    for (const words of sequences(automaton.words, 2)) {
      const beginning = automaton.score([], words, false).logProbability;
      if (beginning === -Infinity) continue;
      const ended = automaton.score([], words, true).logProbability;
      let sum = Math.exp(ended);
      for (const word of automaton.words) {
        sum += Math.exp(automaton.score([], [...words, word], false).logProbability);
      }
      near(sum, Math.exp(beginning));
    }
  });
}

Deno.test("the probability after a prompt is that of the whole over that of the prompt", () => {
  const automaton = compileGrammar(tiny);
  const [prompt, text] = [["b"], ["e", "b"]];
  const whole = automaton.score([], [...prompt, ...text], true);
  const after = automaton.score(prompt, text, true);
  const before = automaton.score([], prompt, false);
  near(after.logProbability, whole.logProbability - before.logProbability);
  assert.deepEqual(after.posterior, whole.posterior);
});

Deno.test("sampled texts are as frequent as their probability says", () => {
  const automaton = compileGrammar(tiny, { slip: 0.05 });
  const random = new Random(1);
  const counts = new Map<string, number>();
  const draws = 40_000;
  for (let i = 0; i < draws; i++) {
    const text = automaton.sample(random).words.join(" ");
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  for (const [text, count] of counts) {
    if (count < 100) continue;
    const probability = Math.exp(automaton.score([], text.split(" "), true).logProbability);
    const deviation = Math.sqrt(probability * (1 - probability) / draws);
    near(count / draws, probability, 5 * deviation);
  }
});

Deno.test("a cut last word stands for every word that begins so", () => {
  const words: Grammar = {
    classes: [{ prior: 1, traits: [] }],
    start: "text",
    lexicon: { word: "start stop top" },
    rules: { text: [[1, "<word> <word>"]] },
  };
  const automaton = compileGrammar(words, { slip: 0.01, spelled: 0 });
  const of = (word: string) => Math.exp(automaton.score(["top"], [word], false).logProbability);
  near(of("st"), of("start") + of("stop"));
});

Deno.test("unknown, strange and very long words leave probabilities finite", () => {
  const automaton = compileGrammar(tiny);
  for (const word of ["zebra", "Ünder-sea", "😀", "z".repeat(5000), "\u0000"]) {
    for (const finished of [true, false]) {
      const { logProbability, posterior } = automaton.score(["a"], [word, "b", word], finished);
      assert.ok(Number.isFinite(logProbability));
      near(posterior[0] + posterior[1], 1);
    }
  }
});

Deno.test("a grammar that cannot be compiled says which rule is wrong", () => {
  const broken = (rules: Grammar["rules"]) => () => compileGrammar({ ...tiny, rules });
  assert.throws(broken({ text: [[1, "<nothing>"]] }), {
    message: 'The rule "text" refers to <nothing>, which is no rule and no word list.',
  });
  assert.throws(broken({ text: [[1, "a <text>"]] }), { message: /"text" contains itself/ });
  assert.throws(broken({ text: [[{ left: 2 }, "a"]] }), { message: /trait "left"/ });
  assert.throws(broken({ text: [[1, "<$way word>"]] }), { message: /\$way, which has no value/ });
  assert.throws(() => compileGrammar(tiny, { slip: 1 }), RangeError);
});
