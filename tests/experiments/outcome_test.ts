import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { withFont } from "../charts/chart_checks.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { runSmallWorld, smallWorld } from "./small_world_run.ts";

/** Targets of the links and images of a text in Markdown. */
function linksIn(markdown: string): string[] {
  return [...markdown.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
}

Deno.test({
  ...withFont(
    "a run leaves a report that can be followed, and a changed β repeats only what it must",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const path = await runSmallWorld(folder);
      const out = dirname(path);
      const report = await Deno.readTextFile(path);
      for (
        const said of [
          /^# detox, ablation: the world profile$/m,
          /^## Detoxification \(figure 2\)$/m,
          /^## Ablation \(figure 4\)$/m,
          /^## Rewards of the whole vocabulary \(figure 5\)$/m,
          /^## Made with$/m,
          /- command: `deno task reproduce detox`/,
          /- commit: \S+/,
          /- Deno \d+\.\d+\.\d+, .*; onnxruntime-node \d/,
          /- device: cpu/,
          /- seeds: 0; k = 20; 3 continuations a prompt of at most 24 tokens/,
          /judged by the world itself, exactly; less is better/,
          /^## In short$/m,
          /^- \*\*Detoxification\.\*\* ARM, distilled, undecided prompts: /m,
          /^- \*\*Ablation\.\*\* (Against the whole model|The models of the ablation) /m,
          /\| Training a base language model \| model\.safetensors \| [0-9a-f]{16} \|/,
        ]
      ) assert.match(report, said);

      const links = linksIn(report);
      assert.deepEqual(links, [
        "figures/figure2.svg",
        "figures/figure4.svg",
        "figures/figure5.svg",
        "figures/singular-values.svg",
      ]);
      for (const link of links) {
        for (const ending of [".svg", ".png", ".vl.json"]) {
          const { size } = await Deno.stat(join(out, link.replace(".svg", ending)));
          assert.ok(size > 0, link + ending);
        }
      }
      const generations = join(out, "generations", "detox-undecided-rad-beta-40-seed-0.jsonl");
      const lines = (await Deno.readTextFile(generations)).trimEnd().split("\n");
      assert.deepEqual(
        lines.map((line) => JSON.parse(line).continuations.length),
        Array(6).fill(3),
      );
      const table = await Deno.readTextFile(join(out, "tables", "detox.csv"));
      assert.equal(table.trimEnd().split("\n").length, 1 + 1 + 3 * 2);

      const repeated: string[] = [];
      const onStage = (title: string) => repeated.push(title);
      await runSmallWorld(folder, { onStage });
      assert.deepEqual(repeated, []);
      await runSmallWorld(folder, { profile: smallWorld([10, 80]), onStage });
      // three systems of the comparison and three more of the ablation, at the new strength
      const ofKind = (kind: RegExp) => repeated.filter((title) => kind.test(title)).length;
      assert.equal(ofKind(/^Generating: .*β = 80/), 6);
      assert.equal(ofKind(/^Judging: .*β = 80/), 6);
      assert.equal(ofKind(/^Comparing/), 2);
      assert.equal(repeated.length, 14);
      const again = await Deno.readTextFile(join(out, "tables", "detox.csv"));
      const of = (text: string, beta: string) =>
        text.split("\n").filter((line) => line.includes(`,${beta},`));
      assert.equal(of(again, "80").length, 3);
      assert.deepEqual(of(again, "10"), of(table, "10"));
    });
  },
});
