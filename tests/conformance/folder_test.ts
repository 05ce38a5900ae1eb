import assert from "node:assert/strict";
import { join } from "node:path";
import { type GoldenFile, GoldenFolder } from "../../conformance/folder.ts";
import { writeSafetensors } from "../../lib/weights/safetensors.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

async function withFile(json: unknown, test: (file: GoldenFile) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "numbers.json"), JSON.stringify(json));
    await writeSafetensors(join(folder, "numbers.safetensors"), [
      ["far.away", { dtype: "F32", shape: [2, 1], data: Float32Array.of(1.5, -Infinity) }],
      ["mask", { dtype: "U8", shape: [2], data: Uint8Array.of(1, 0) }],
    ]);
    await test((await GoldenFolder.open(folder)).file("numbers"));
  });
}

Deno.test("an array is found in the JSON, through a reference, or as a tensor of its path", async () => {
  const json = { near: [[1, null], ["-Infinity", 2]], there: { tensor: "far.away" }, one: 3 };
  await withFile(json, async (file) => {
    const near = { shape: [2, 2], data: [1, NaN, -Infinity, 2] };
    assert.deepEqual(await file.array("near"), near);
    assert.deepEqual(await file.array("one"), { shape: [], data: [3] });
    const tensor = { shape: [2, 1], data: Float32Array.of(1.5, -Infinity) };
    assert.deepEqual(await file.array("there"), tensor);
    assert.deepEqual(await file.untaken(), ["mask"]);
    assert.deepEqual(await file.array("far.away"), tensor);
    assert.deepEqual((await file.array("mask")).data, Uint8Array.of(1, 0));
    assert.deepEqual(await file.untaken(), []);
  });
});

Deno.test("keys of the JSON may hold dots", async () => {
  await withFile({ a: { "h.0.weight": { norm: 1 } }, list: [{ x: 2 }] }, async (file) => {
    assert.equal(await file.number("a.h.0.weight.norm"), 1);
    assert.equal(await file.number("list.0.x"), 2);
    assert.equal(await file.has("a.h.0"), false);
  });
});

Deno.test("what is missing or of another kind is one sentence that names file and quantity", async () => {
  const json = {
    ragged: [[1, 2], [3]],
    words: ["a"],
    ids: [[1], [-1]],
    wrong: { tensor: "far.away", shape: [3] },
    lost: { tensor: "nowhere" },
  };
  await withFile(json, async (file) => {
    await assert.rejects(file.array("absent"), /There is no absent in '.*numbers\.json'/);
    await assert.rejects(file.array("lost"), /no tensor nowhere in '.*numbers\.safetensors'/);
    await assert.rejects(file.array("ragged"), { name: "SyntaxError", message: /at ragged$/ });
    await assert.rejects(file.array("words"), { name: "SyntaxError", message: /at words$/ });
    await assert.rejects(file.array("wrong"), { name: "SyntaxError", message: /\[3\].*\[2,1\]/ });
    await assert.rejects(file.ids("ids"), { name: "SyntaxError", message: /at ids$/ });
    await assert.rejects(file.number("words"), { name: "SyntaxError", message: /a number/ });
    await assert.rejects(file.boolean("words"), { name: "SyntaxError", message: /true or false/ });
    await assert.rejects(file.count("lost"), { name: "SyntaxError", message: /a list/ });
  });
});
