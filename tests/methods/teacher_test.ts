import assert from "node:assert/strict";
import { openTeacher } from "../../lib/methods/teacher.ts";
import { floats, integers } from "../../lib/runtime/value.ts";
import { cpu, floatsOf } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyModel } from "../tiny_models.ts";
import { WholeTextModel } from "../whole_text_model.ts";

Deno.test("a teacher rates every token of right-padded texts as the end of its prefix", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "rad");
    await using teacher = await openTeacher(path, cpu);
    await using whole = await WholeTextModel.open(path);
    const texts = [[5, 3, 8, 1], [9, 9]];
    const rewards = await teacher.rewards(
      integers([2, 4], [5, 3, 8, 1, 9, 9, 60, 60]),
      floats([2, 4], Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0)),
    );
    assert.deepEqual(rewards.dims, [2, 4, 2]);
    for (const [row, ids] of texts.entries()) {
      for (const [t, token] of ids.entries()) {
        const [[expected]] = await whole.rewards([ids.slice(0, t)], [[token]]);
        expected.forEach((reward, label) => {
          const given = floatsOf(rewards)[(row * 4 + t) * 2 + label];
          assert.ok(Math.abs(given - reward) <= 1e-5);
        });
      }
    }
  });
});

Deno.test("only a RAD model can teach", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeTinyModel(folder, "arm");
    await assert.rejects(openTeacher(path, cpu), {
      name: "TypeError",
      message: `A teacher must be a RAD model, but '${path}' holds a model of kind arm`,
    });
  });
});
