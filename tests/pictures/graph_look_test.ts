import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/gradient.ts";
import {
  add,
  gather,
  greaterOrEqual,
  loop,
  matmul,
  mul,
  sub,
  sumAll,
  tanh,
} from "../../lib/graph/ops/mod.ts";
import { outlineOf } from "../../lib/pictures/outline.ts";
import { compile } from "../../lib/graph/program.ts";
import { constant, input, scalar, type Tensor, weight } from "../../lib/graph/tensor.ts";
import { lookOf } from "../../lib/notebook/display.ts";
import "../../lib/pictures/drawn_graphs.ts";

const x = input("x", "float32", ["batch", 4]);

async function svgOf(shown: object): Promise<string> {
  return (await lookOf(shown))!["image/svg+xml"] as string;
}

/** The texts of a picture, as they are read. */
function textsIn(svg: string): string[] {
  const signs: Record<string, string> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    text.replaceAll(
      /&(?:#(\d+)|(\w+));/g,
      (_, code, name) => code ? String.fromCodePoint(Number(code)) : signs[name],
    ).replaceAll("\u00a0", " ")
  );
}

Deno.test("a program is a picture of its inputs, weights, constants, ops and outputs, with the types between them", async () => {
  const region = { path: "/folder/model.safetensors", offset: 0, byteLength: 64 };
  const w = weight("/folder/model.safetensors:w", "float32", [4, 4], region);
  const look = (await lookOf(compile({ y: mul(tanh(matmul(x, w)), 0.5) })))!;
  const texts = textsIn(look["image/svg+xml"] as string).map((text) => text.trim());
  assert.deepEqual(
    texts.toSorted(),
    [
      ...[
        "FusedMatMul",
        "transA=0 transB=0 alpha=1",
        "Tanh",
        "Mul",
        "float32 [batch, 4]",
        "float32 [batch, 4]",
      ],
      ...["x", "float32 [batch, 4]", "w", "float32 [4, 4]", "0.5", "float32"],
      ...["y", "float32 [batch, 4]"],
    ].toSorted(),
  );
  const png = Uint8Array.fromBase64(look["image/png"] as string);
  assert.deepEqual(png.slice(1, 4), new TextEncoder().encode("PNG"));
  assert.match(look["text/plain"] as string, /^A graph of 3 ops\n[^]*\nop +Tanh +1\n/);
});

Deno.test("a tensor shows the graph that computes it, and the way back of a gradient as well", async () => {
  const w = input("w", "float32", [4, 2]);
  const loss = sumAll(matmul(x, w));
  const [gradient] = gradients(loss, [w]);
  for (const tensor of [loss, gradient]) {
    assert.ok(textsIn(await svgOf(tensor)).includes("this tensor"));
  }
  assert.ok(textsIn(await svgOf(x)).includes("x"));
});

Deno.test("equal nodes are one box, and the operands of a node stand in their order", () => {
  const difference = sub(tanh(x), mul(x, 2));
  const { boxes, edges } = outlineOf({ y: mul(difference, sub(tanh(x), mul(x, 2))) });
  const named = (name: string) => boxes.filter(({ lines }) => lines[0] === name);
  for (const op of ["Tanh", "Sub"]) assert.equal(named(op).length, 1, op);
  assert.equal(named("Mul").length, 2);
  const [{ id }] = named("Sub");
  const from = edges.filter(({ to }) => to === id).map(({ from }) => from);
  assert.deepEqual(from.map((id) => boxes.find((box) => box.id === id)!.lines[0]), ["Tanh", "Mul"]);
});

Deno.test("constants that differ only in the sign of zero, or in a value far behind, are not equal", () => {
  const long = (last: number) => Float32Array.from({ length: 100 }, (_, i) => i === 99 ? last : 0);
  const rows = input("rows", "int64", ["n"]);
  const picked = [1, 2].map((last) => gather(constant("float32", [100, 1], long(last)), rows));
  const zeros = [0, -0].map((zero) => add(x, scalar("float32", zero)));
  const { boxes } = outlineOf(Object.fromEntries([...picked, ...zeros].map((y, i) => [i, y])));
  const count = (op: string) => boxes.filter(({ lines }) => lines[0] === op).length;
  assert.deepEqual([count("Gather"), count("Add")], [2, 2]);
});

Deno.test("a loop is a group around its body, and what is carried goes back to its beginning", async () => {
  const step = input("step", "float32", [4]);
  const { carried: [last] } = loop(constant("int64", [], [5]), [x], (_, [state]) => {
    const next = add(state as Tensor<"float32">, step);
    const goOn = greaterOrEqual(sumAll(next), scalar("float32", 0));
    return { carried: [next], goOn, stacked: [] };
  });
  const outline = outlineOf({ last });
  const [body] = outline.groups;
  const idOf = (name: string) => body.boxes.find(({ lines }) => lines[0] === name)!.id;
  assert.ok(!body.boxes.some(({ lines }) => lines[0] === "step"), "inputs are the whole graph's");
  assert.deepEqual(outline.edges.filter(({ back }) => back), [
    { from: idOf("Add"), to: idOf("carried 1"), back: true },
  ]);
  const output = outline.boxes.find(({ kind }) => kind === "output")!;
  assert.ok(outline.edges.some(({ from, to }) => from === idOf("Add") && to === output.id));
  assert.match(await svgOf(last), /class="cluster"/);
});

Deno.test("an input that is used all over a graph is drawn more than once", () => {
  let y: Tensor<"float32"> = x;
  for (let i = 0; i < 9; i++) y = tanh(add(y, x));
  const { boxes, edges } = outlineOf({ y });
  const inputs = boxes.filter(({ kind }) => kind === "input");
  assert.ok(inputs.length > 1);
  for (const { id } of inputs) assert.ok(edges.filter(({ from }) => from === id).length <= 3);
});

Deno.test("with too many ops, or results that reach too far, a table stands for the picture and says so", async () => {
  let many: Tensor<"float32"> = x;
  for (let i = 0; i < 151; i++) many = tanh(many);
  const shared = tanh(x);
  let entangled: Tensor<"float32"> = shared;
  for (let i = 0; i < 40; i++) entangled = tanh(add(entangled, shared));
  for (
    const [tensor, title] of [
      [many, "A graph of 151 ops, too many for a picture"],
      [entangled, "A graph of 81 ops, too entangled for a picture"],
    ] as const
  ) {
    const look = (await lookOf(tensor))!;
    assert.deepEqual(Object.keys(look), ["text/html", "text/plain"]);
    assert.equal((look["text/plain"] as string).split("\n")[0], title);
  }
  const text = (await lookOf(many))!["text/plain"] as string;
  assert.match(text, /\ninput +x +float32 \[batch, 4\]\nop +Tanh +151\noutput /);
});

Deno.test("hostile names show as text", async () => {
  const name = '<script>1"</script>\\N\\n&lt;\u202e\u001b[31m\ufffe';
  const svg = await svgOf(compile({ y: tanh(input(name, "float32", ["<b>&amp;"])) }));
  const texts = textsIn(svg).map((text) => text.trim());
  assert.ok(texts.includes('<script>1"</script>\\N\\n&lt;⟨U+202E⟩␛[31m\ufffd'), svg);
  assert.ok(texts.includes("float32 [<b>&amp;]"), svg);
  assert.ok(!svg.includes("<script") && !svg.includes("\u001b"));
});

Deno.test("a long name is shortened", async () => {
  const texts = textsIn(await svgOf(tanh(input(`a${"b".repeat(500)}c`, "float32", [1]))));
  assert.ok(texts.some((text) => /^ab+…b+c$/.test(text) && text.length < 60), texts.join("\n"));
});
