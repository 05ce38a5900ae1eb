import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJson } from "../../lib/files/json.ts";

Deno.test("JSON is read as JSON.parse reads it", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assert.deepEqual(parseJson(text), JSON.parse(text));
  }));
});

Deno.test("NaN and infinities are numbers where Python writes them, and text in texts", () => {
  const text = '{"a": NaN, "b": [-Infinity, Infinity, {"NaN": NaN}], "c": "NaN, \\"Infinity\\" "}';
  assert.deepEqual(parseJson(text), {
    a: NaN,
    b: [-Infinity, Infinity, { NaN: NaN }],
    c: 'NaN, "Infinity" ',
  });
  assert.deepEqual(parseJson('["number:NaN", NaN]'), ["number:NaN", NaN]);
});

Deno.test("what is no JSON otherwise stays an error", () => {
  for (const text of ["", "{", "NaNs", "[NaN", "{a: NaN}", "[nan]", "[+Infinity]", "[NaN NaN]"]) {
    assert.throws(() => parseJson(text), { name: "SyntaxError" }, text);
  }
});

Deno.test("a long text with many escapes beside a NaN is read", () => {
  const text = 'x"y\\'.repeat(200_000);
  const read = parseJson(`{"a":NaN,"b":${JSON.stringify(text)}}`) as { a: number; b: string };
  assert.equal(read.b, text);
  assert.ok(Number.isNaN(read.a));
});

Deno.test("a byte order mark before JSON is none of its text", () => {
  assert.deepEqual(parseJson('\ufeff{"a": 1}'), { a: 1 });
  assert.throws(() => parseJson('\ufeff\ufeff{"a": 1}'), SyntaxError);
});

Deno.test("what nests deeper than anybody's data is refused, brackets in texts do not count", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  parseJson(nested(512));
  assert.throws(() => parseJson(nested(513)), /nests deeper than 512 levels/);
  assert.throws(() => parseJson(`{"a\\\\":${nested(600)}}`), /nests deeper/);
  const texts = [nested(600), `\\"${nested(600)}\\`, "["];
  assert.deepEqual(parseJson(JSON.stringify(texts)), texts);
});
