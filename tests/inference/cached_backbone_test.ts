import fc from "fast-check";
import assert from "node:assert/strict";
import { reshape } from "../../lib/graph/ops/mod.ts";
import { CachedBackbone } from "../../lib/inference/cached_backbone.ts";
import { openModelFolder, parametersIn } from "../../lib/weights/model_folder.ts";
import { cpu, floatsOf, largestDifference } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { tinyConfig, writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";

const token = fc.nat(tinyConfig.vocabulary - 1);

Deno.test("states are those of whole texts, however rows are stepped, dropped and repeated", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "lm");
    const parameters = parametersIn(await openModelFolder(path));
    await using whole = await WholeTextModel.open(path);
    await using backbone = await CachedBackbone.open(
      tinyConfig,
      parameters,
      (hidden) => ({ states: reshape(hidden, ["batch", tinyConfig.width]) }),
      cpu,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(token, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        fc.array(
          fc.record({
            rows: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
            tokens: fc.array(token, { minLength: 5, maxLength: 5 }),
          }),
          { maxLength: 6 },
        ),
        async (prompts, moves) => {
          let texts = prompts;
          const check = async (states: Float32Array) => {
            const expected = (await whole.hidden(texts)).flatMap((state) => [...state]);
            assert.ok(largestDifference(states, expected) <= 2e-5);
          };
          const { reading, outputs } = await backbone.read(prompts, {});
          using _ = reading;
          await check(floatsOf(outputs.states));
          for (const { rows: drawn, tokens } of moves) {
            const rows = drawn.map((row) => row % texts.length);
            await reading.select(rows);
            texts = rows.map((row, i) => [...texts[row], tokens[i]]);
            const { states } = await reading.step(tokens.slice(0, rows.length), {});
            await check(floatsOf(states));
          }
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });
});
