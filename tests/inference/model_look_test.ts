import assert from "node:assert/strict";
import { join } from "node:path";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { quantizeModel } from "../../lib/decode/quantize_model.ts";
import { shapesOf } from "../../lib/methods/model_spec.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { type TinyModel, tinySpecs, writeTinyModel } from "../tiny_models.ts";

async function textOf(path: string): Promise<string> {
  const isBase = /(?<!pp)lm$/i.test(path);
  await using model = await (isBase ? openBaseModel : openRewardModel)(path, cpu);
  return (await lookOf(model))!["text/plain"] as string;
}

/** The numbers of a line of the table, without the commas in them. */
function numbersIn(text: string, part: string): number[] {
  const line = text.split("\n").find((line) => line.startsWith(part))!;
  return [...line.slice(part.length).replace(/\d+ tensors/, "").matchAll(/(?<= )[\d,.]+(?= )/g)]
    .map(([number]) => Number(number.replaceAll(",", "")));
}

Deno.test("a model shows its parts, whose parameters add up to all that it has", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const name of Object.keys(tinySpecs) as TinyModel[]) {
      const shapes = [...shapesOf(tinySpecs[name]).values()];
      const all = shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
      const text = await textOf(await writeTinyModel(folder, name));
      assert.ok(text.includes("\n2 blocks "), text);
      assert.ok(
        text.includes(`\ntotal`) && text.includes(` ${all.toLocaleString("en-US")} `),
        text,
      );
    }
  });
});

Deno.test("a reward model says what it rates, how that steers, and what of it is frozen", async () => {
  await withTemporaryFolder(async (folder) => {
    const text = await textOf(await writeTinyModel(folder, "arm"));
    assert.match(text, /^Autoregressive reward model \(ARM\)\n/);
    assert.match(text, /\nlabels +kind, calm, brief\n/);
    assert.match(text, /\nrule +reward: β/);
    assert.match(text, /\nsizes +2 layers of width 16 with 2 heads, 24 positions, vocabulary 61\n/);
    assert.match(text, /\ntoken embeddings \(frozen\) +\[61, 16\] +976 +3\.9 kB +float32\n/);
    assert.match(text, /\nhead: marginal W of each label +\[48, 16\] +768 /);
    assert.match(text, /\nhead: baseline w of each label +\[3, 16\] +48 /);
    const without = await textOf(await writeTinyModel(folder, "armWithoutBaseline"));
    assert.ok(!without.includes("baseline"), without);
  });
});

Deno.test("a quantized model says in how many bits, and takes less room for as many parameters", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "lm");
    const small = join(folder, "small_lm");
    await quantizeModel(path, small, { bits: 4, block: 16 });
    const [whole, quantized] = [await textOf(path), await textOf(small)];
    assert.match(quantized, /\n2 blocks .* 4 bits in blocks of 16/);
    assert.match(quantized, /\nhead: the token embeddings in few bits +\[16, 61\] +0 /);
    assert.ok(!whole.includes("few bits"), whole);
    const [parameters, bytes] = numbersIn(whole, "2 blocks");
    const [sameParameters, fewerBytes] = numbersIn(quantized, "2 blocks");
    assert.equal(sameParameters, parameters);
    assert.ok(fewerBytes < bytes / 2, quantized);
  });
});

Deno.test("hostile names of labels show as text", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "rad");
    const file = join(path, "config.json");
    const config = JSON.parse(await Deno.readTextFile(file));
    config.armature.labels = ["<script>alert(1)</script>", "\u001b[31mred"];
    await Deno.writeTextFile(file, JSON.stringify(config));
    await using model = await openRewardModel(path, cpu);
    const look = (await lookOf(model))!;
    assert.ok((look["text/html"] as string).includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert.ok(!(look["text/html"] as string).includes("<script"));
    for (const shown of Object.values(look)) assert.ok(!(shown as string).includes("\u001b"));
  });
});
