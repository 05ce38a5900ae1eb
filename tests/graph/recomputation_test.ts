import assert from "node:assert/strict";
import { gradients } from "../../lib/graph/gradient.ts";
import { nodesBefore } from "../../lib/graph/op.ts";
import { add, geluTanh, gemm, layerNormalization, sumAll, tanh } from "../../lib/graph/ops/mod.ts";
import { input, type Tensor } from "../../lib/graph/tensor.ts";
import { Random } from "../../lib/random.ts";
import { floats } from "../../lib/runtime/value.ts";
import { floatsOf, runGraph } from "../run_graph.ts";

type Float = Tensor<"float32">;

const [width, inner, blocks] = [4, 8, 3];
const x = input("x", "float32", ["rows", width]);
const parameter = (name: string, shape: number[]) => input(name, "float32", shape);
const scale = parameter("scale", [width]);
const bias = parameter("bias", [width]);
const up = parameter("up", [width, inner]);
const down = parameter("down", [inner, width]);

/** Blocks whose branch is added to what they read, then a head. */
function lossOf(): Float {
  let stream: Float = add(x, bias);
  for (let i = 0; i < blocks; i++) {
    const normal = layerNormalization(stream, scale, bias, 1e-5);
    stream = add(stream, gemm(geluTanh(gemm(normal, up)), down));
  }
  return sumAll(tanh(gemm(stream, up)));
}

const countOf = (name: string, ...outputs: readonly Tensor[]) =>
  nodesBefore(...outputs).filter(({ op }) => op.name === name).length;

Deno.test("recomputed gradients are the same, bit for bit", async () => {
  const loss = lossOf();
  const wrt = [scale, bias, up, down];
  const random = new Random(0);
  const fed = (...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b);
    return floats(shape, Float32Array.from({ length: size }, () => random.uniform() - 0.5));
  };
  const feeds = {
    x: fed(5, width),
    scale: fed(width),
    bias: fed(width),
    up: fed(width, inner),
    down: fed(inner, width),
  };
  const slopesOf = async (recompute: boolean) => {
    const slopes = gradients(loss, wrt, { recompute });
    const named = Object.fromEntries(slopes.map((slope, i) => [`slope${i}`, slope]));
    return Object.values(await runGraph(named, feeds)).map(floatsOf);
  };
  assert.deepEqual(await slopesOf(true), await slopesOf(false));
});

Deno.test("all stretches between branches are computed once more, but for the last", () => {
  const loss = lossOf();
  const slopes = gradients(loss, [bias, up, down], { recompute: true });
  assert.equal(countOf("Gelu", loss), blocks);
  assert.equal(countOf("Gelu", loss, ...slopes), 2 * blocks);
  assert.equal(countOf("Tanh", loss, ...slopes), 1);
});
