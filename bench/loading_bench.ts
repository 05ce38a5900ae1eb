/** From folders to the first token, with small shapes: `deno task bench:decode loading` measures a large one. */
import "./permissions.ts";
import { generate } from "../lib/decode/generate.ts";
import { rewardSystems } from "../lib/experiments/random_models.ts";
import { openTinyModels, randomPrompts } from "./tiny_models.ts";

const options = { samples: 1, maxNewTokens: 1, ends: [], progress: false };
const [prompt] = randomPrompts(1, { least: 10, most: 10 });

for (const system of [undefined, ...rewardSystems]) {
  Deno.bench({
    name: system ?? "base alone",
    group: "loading, and one token",
    baseline: system === undefined,
    warmup: 1,
    n: 4,
    async fn(b) {
      await using models = await openTinyModels(system, { name: "cpu" });
      b.start();
      const { base, guides } = models;
      await generate(base, [prompt], { ...options, guides });
      b.end();
    },
  });
}
