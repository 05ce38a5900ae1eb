import assert from "node:assert/strict";
import { softmax, sub } from "../../../lib/graph/ops/mod.ts";
import { compile } from "../../../lib/graph/program.ts";
import { input } from "../../../lib/graph/tensor.ts";
import { logSumExp } from "../../../lib/loss/log_sum_exp.ts";
import { formulaLogits } from "../../../lib/methods/arithmetic/formula_value.ts";
import { parseFormula } from "../../../lib/methods/arithmetic/parse_formula.ts";
import { Session } from "../../../lib/runtime/session.ts";
import { floats } from "../../../lib/runtime/value.ts";
import { cpu } from "../../run_graph.ts";
import published from "./published_formulas.json" with { type: "json" };

Deno.test("formulas give the probabilities that the authors' operators give", async () => {
  const { logits, probabilities } = published;
  const feeds = Object.fromEntries(
    Object.entries(logits).map(([name, row]) => [name, floats([1, 8], Float32Array.from(row))]),
  );
  const leaves = Object.fromEntries(
    Object.keys(logits).map((name) => {
      const own = input(name, "float32", [1, 8]);
      return [name, sub(own, logSumExp(own))];
    }),
  );
  for (const [text, expected] of Object.entries(probabilities)) {
    const value = formulaLogits(parseFormula(text), ({ model = "base" }) => leaves[model]);
    const program = compile({ p: softmax(value) });
    await using session = await Session.open(program, cpu);
    const used = Object.entries(feeds).filter(([name]) => program.inputs.has(name));
    const { p } = await session.run(Object.fromEntries(used));
    expected.forEach((each, i) => {
      assert.ok(Math.abs(Number(p.data[i]) - each) < 2e-6, `${text}: ${p.data} ≠ ${expected}`);
    });
  }
});
