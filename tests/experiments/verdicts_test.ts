import assert from "node:assert/strict";
import type { AreaRow } from "../../lib/experiments/comparison.ts";
import { ablationVerdict, comparisonVerdict, standing } from "../../lib/experiments/verdicts.ts";

type Numbers = [estimate: number, low: number, high: number];
/** What JSON makes of a number that is none. */
const none = [null, null, null] as unknown as Numbers;

function row(
  system: string,
  ratio: Numbers,
  difference: Numbers = [0, 0, 0],
  misses = 0,
): AreaRow {
  const interval = ([estimate, low, high]: Numbers) => ({ estimate, low, high });
  return {
    prompts: "some",
    system,
    name: system,
    reference: "RAD",
    perSeed: [],
    area: {
      relativeDifference: interval(difference),
      perplexityRatio: interval(ratio),
      withoutRange: misses,
      withoutControl: misses,
    } as AreaRow["area"],
  };
}

Deno.test("a comparison is told in one sentence with its intervals", () => {
  assert.equal(
    comparisonVerdict(row("arm-labels", [1.05, 1, 1.1], [-0.012, -0.02, 0.001])),
    "arm-labels, some prompts: the area under its curve differs by -1.2 % [-2.0 %, 0.1 %] from RAD's; " +
      "at equal control its perplexity is 1.050 × [1.000 ×, 1.100 ×] RAD's.",
  );
});

Deno.test("a system is better or worse than its reference only if the whole interval is, and a second judge is heard", () => {
  const of = (difference: Numbers, misses?: number) =>
    standing(row("arm-labels", [1, 1, 1], difference, misses));
  assert.match(of([0.2, 0.1, 0.3]), /better than RAD/);
  assert.match(of([-0.2, -0.3, -0.1]), /worse than RAD/);
  assert.match(of([0.2, -0.1, 0.3]), /not told apart from RAD/);
  assert.equal(of(none), "");
  assert.equal(of([0.2, 0.1, 0.3], 0.5), "");
  const checked = {
    ...row("arm-labels", [1, 1, 1], [0.2, 0.1, 0.3]),
    check: { estimate: -0.1, low: -0.2, high: 0.1 },
  };
  assert.match(standing(checked), /; by the second judge the area differs by -10\.0 % \[/);
});

Deno.test("curves that have nothing in common are not given numbers", () => {
  assert.equal(
    comparisonVerdict(row("arm-labels", none, none)),
    "arm-labels, some prompts: its curve and RAD's have too little perplexity in common; they reach too little control in common.",
  );
  assert.match(
    ablationVerdict([row("arm-no-regularizer", none), row("arm-no-baseline", [2, 1, 3])]),
    /for their order to be known/,
  );
});

Deno.test("what most resamples do not know is not told, and without an interval nothing is told apart", () => {
  assert.match(
    comparisonVerdict(row("arm-labels", [1.5, 1.4, 1.6], [-0.1, -0.2, -0.05], 0.5)),
    /too little perplexity in common; they reach too little control in common/,
  );
  const alone = ablationVerdict([
    row("arm-no-regularizer", [1.2, null, null] as unknown as Numbers),
    row("arm-no-baseline", [1.4, null, null] as unknown as Numbers),
  ]);
  assert.match(alone, /1\.200 × \(not told apart\) .* 1\.400 × \(not told apart\)/);
});

Deno.test("the ablation has the paper's order only if every step makes perplexity greater", () => {
  const verdict = (regularizer: Numbers, baseline: Numbers) =>
    ablationVerdict([
      row("arm-no-baseline", baseline),
      row("arm-no-regularizer", regularizer),
    ]);
  const inOrder = verdict([1.1, 1.05, 1.2], [1.5, 0.9, 2]);
  assert.match(inOrder, /1\.100 × \[1\.050 ×, 1\.200 ×\] \(worse\) without the regularizer/);
  assert.match(inOrder, /1\.500 × \[0\.900 ×, 2\.000 ×\] \(not told apart\) without baseline/);
  assert.match(inOrder, /have the paper's order/);
  assert.match(verdict([0.9, 0.8, 0.95], [1.5, 1.2, 2]), /\(better\).* do not have the paper's/);
  assert.match(verdict([1.6, 1.5, 1.7], [1.5, 1.2, 2]), / do not have the paper's order/);
});
