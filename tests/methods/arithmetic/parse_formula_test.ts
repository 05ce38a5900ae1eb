import assert from "node:assert/strict";
import {
  baseTerm,
  likelyBy,
  modelTerm,
  needsAllTokens,
  sumOf,
} from "../../../lib/methods/arithmetic/formula.ts";
import { parseFormula } from "../../../lib/methods/arithmetic/parse_formula.ts";
import { dexpertsFormula } from "../../../lib/methods/arithmetic/presets.ts";

Deno.test("a formula's text is read as it is written, with or without signs of multiplication", () => {
  const [a, b] = [modelTerm("a"), modelTerm("b")];
  const terms = sumOf([1, baseTerm()], [0.5, a], [-0.5, b]);
  assert.deepEqual(parseFormula('base + 0.5 lm("a") - 0.5 lm("b")'), terms);
  assert.deepEqual(parseFormula("1·base + 1/2 * lm('a') − lm('b') × .5"), terms);
  const grouped = sumOf([1, baseTerm()], [2, sumOf([1, a], [-1, b])]);
  assert.deepEqual(parseFormula('base + 2(lm("a") - lm("b"))'), grouped);
  assert.deepEqual(parseFormula('dexperts("a", "b", 2)'), dexpertsFormula("a", "b", 2));
  assert.deepEqual(
    parseFormula('contrast("a")'),
    likelyBy(sumOf([1, baseTerm()], [-1, a]), baseTerm(), 0.1),
  );
  assert.deepEqual(parseFormula('base("Be kind. ") - lm("a", "Be rude. ")'), {
    kind: "sum",
    terms: [[1, baseTerm("Be kind. ")], [-1, modelTerm("a", "Be rude. ")]],
  });
});

Deno.test("only what compares probabilities needs all tokens", () => {
  const needs = (text: string) => needsAllTokens(parseFormula(text));
  assert.deepEqual(
    ['cfg("x")', 'contrast("a")', 'base + 2 union(base, lm("a"))', 'likely(base, lm("a"), 0.1)']
      .map(needs),
    [false, false, true, true],
  );
});

Deno.test("what is no formula is refused in words that say what is wrong", () => {
  const wrong: [string, RegExp][] = [
    ["", /a model or a number is missing/],
    ["0.5", /a number and names no model/],
    ['base * lm("a")', /added, and not multiplied/],
    ["base + 1", /1 is added to a model/],
    ['base - expert("a")', /there is no 'expert': name one of base, lm, union/],
    ["union(base)", /'union' takes two formulas/],
    ['likely(base, lm("a"), 2)', /from 0 to 1/],
    ['dexperts("a")', /'dexperts' takes two models/],
    ["(base", /a '\)' is missing/],
    ['base + lm("a) ', /cannot read it from '"a\)' on/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => parseFormula(text), { name: "SyntaxError", message }, text);
  }
});
