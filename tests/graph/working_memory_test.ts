import assert from "node:assert/strict";
import { add, exp, matmul, mul, reshape, sumAll } from "../../lib/graph/ops/mod.ts";
import { constant, input } from "../../lib/graph/tensor.ts";
import { executionOrder } from "../../lib/graph/execution_order.ts";
import { workingMemory } from "../../lib/graph/working_memory.ts";

const sizes = new Map([["n", 1000]]);
const x = input("x", "float32", ["n", 4]);
const bytes = 4 * 4 * 1000;

Deno.test("a result takes memory from its node to the last that reads it", () => {
  assert.equal(workingMemory([sumAll(exp(exp(exp(x))))], sizes), 2 * bytes);
  const kept = exp(x);
  assert.equal(workingMemory([sumAll(mul(kept, exp(exp(exp(kept)))))], sizes), 3 * bytes);
  const last = exp(x);
  assert.equal(workingMemory([last], sizes), bytes);
  assert.equal(workingMemory([last], sizes, new Set([last])), 0);
});

Deno.test("what is written last runs first, and gives its memory back before the others", () => {
  const [a, b] = [exp(mul(x, 2)), exp(mul(x, 3))];
  const order = executionOrder([sumAll(a), sumAll(b)]).map(({ inputs: [input] }) => input);
  assert.deepEqual(order.indexOf(b) < order.indexOf(a), true);
  assert.equal(workingMemory([sumAll(a), sumAll(b)], sizes), 2 * bytes + 4);
});

Deno.test("equal nodes, views, and what follows from constants alone take nothing more", () => {
  assert.equal(workingMemory([add(exp(x), exp(x))], sizes), 2 * bytes);
  assert.equal(workingMemory([exp(reshape(exp(x), ["4*n"]))], sizes), 2 * bytes);
  const squares = matmul(
    constant("float32", [4, 4], new Float32Array(16)),
    constant("float32", [4, 4], new Float32Array(16)),
  );
  assert.equal(workingMemory([matmul(x, exp(squares))], sizes), bytes);
});

Deno.test("without the size of a name nothing is said", () => {
  assert.equal(workingMemory([exp(x)], new Map()), undefined);
});
