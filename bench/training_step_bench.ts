/** What a step of training costs: an ARM, its ablations, and the other systems, with small shapes. */
import "./permissions.ts";
import { Once } from "./once.ts";
import { gpt2Shape, openTrainingStep, type Trained, trained } from "./training_step.ts";

const shape = gpt2Shape({ width: 128, layers: 2, vocabulary: 2048, rows: 16, time: 32 });
const opened = new Once<Awaited<ReturnType<typeof openTrainingStep>>>();

for (const name of Object.keys(trained) as Trained[]) {
  Deno.bench({
    name,
    group: `a step of training, ${shape.rows} texts of ${shape.time} tokens`,
    baseline: name === "ARM",
    warmup: 2,
    n: 12,
    async fn(b) {
      const training = await opened.get(name, () => openTrainingStep(name, shape, { name: "cpu" }));
      b.start();
      await training.step();
      b.end();
    },
  });
}
