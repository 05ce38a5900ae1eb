import assert from "node:assert/strict";
import { isPrepared } from "../../lib/graph/prepared.ts";
import { add, cast, expand, gather, reshape, unsqueeze } from "../../lib/graph/ops/mod.ts";
import { extents, input, type Tensor } from "../../lib/graph/tensor.ts";
import { preparedValue } from "../../lib/runtime/prepared_value.ts";
import { integers } from "../../lib/runtime/value.ts";
import { runGraph } from "../run_graph.ts";

const ids = input("ids", "int64", ["rows", "k"]);
const sizes = new Map([["rows", 2], ["k", 3]]);
const feeds = { ids: integers([2, 3], [5, 3, 8, 1, 9, 2]) };

const made: Record<string, Tensor> = {
  flat: reshape(ids, ["k*rows"]),
  column: unsqueeze(reshape(ids, ["k*rows"]), [1]),
  numbers: cast(unsqueeze(ids, [0]), "float32"),
  repeated: expand(unsqueeze(ids, [1]), ["rows", 2, "k"]),
  turned: expand(unsqueeze(ids, [2]), ["rows", "k", 4]),
  row: expand(reshape(extents(["rows", "k"]), [1, 2, 1]), [2, 2, 3]),
  count: cast(extents(["k*rows"]), "float32"),
};

Deno.test("what is made of token ids and shapes is the same before a run as in it", async () => {
  const expected = await runGraph(made, feeds);
  for (const [name, x] of Object.entries(made)) {
    assert.ok(isPrepared(x), name);
    const { data, dims, type } = preparedValue(x, feeds, sizes);
    const { data: known, dims: shape, type: dtype } = expected[name];
    assert.deepEqual({ data, dims, type }, { data: known, dims: shape, type: dtype }, name);
  }
});

Deno.test("what is computed of numbers is not made before a run", () => {
  const table = input("table", "float32", ["v"]);
  const numbers = cast(ids, "float32");
  for (const x of [ids, add(numbers, 1), unsqueeze(numbers, [0]), gather(table, ids)]) {
    assert.ok(!isPrepared(x));
  }
});
