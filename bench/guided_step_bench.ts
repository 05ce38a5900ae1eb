/** What a guided step costs beside the base model alone, with small shapes: `deno task bench:decode` measures large ones. */
import "./permissions.ts";
import { generate } from "../lib/decode/generate.ts";
import { type RewardSystem, rewardSystems } from "../lib/experiments/random_models.ts";
import { Once } from "./once.ts";
import { openTinyModels, randomPrompts, type TinyModels } from "./tiny_models.ts";

const [samples, maxNewTokens] = [25, 5];
const [prompt] = randomPrompts(1, { least: 10, most: 10 });
const device = { name: "cpu" } as const;
const opened = new Once<TinyModels>();

/** What the systems are called, and those whose model can be in one graph with the base. */
const titles: Readonly<Record<RewardSystem, string>> = {
  arm: "ARM",
  rad: "RAD, plain",
  "rad-onepass": "RAD, one pass",
  gedi: "GeDi",
  dexperts: "DExperts",
  fudge: "FUDGE, one pass",
};
const joinable: readonly RewardSystem[] = ["arm", "gedi", "dexperts"];

/** How a group's steps are computed. */
interface Steps {
  readonly group: string;
  readonly topK: number;
  readonly together: boolean;
}

function bench({ group, topK, together }: Steps, system?: RewardSystem): void {
  const options = { samples, maxNewTokens, topK, together, ends: [], progress: false };
  Deno.bench({
    name: system ? titles[system] : "base alone",
    group,
    baseline: system === undefined,
    warmup: 1,
    n: 10,
    async fn(b) {
      const { base, guides } = await opened.get(
        `${system}, ${group}`,
        () => openTinyModels(system, device),
      );
      b.start();
      await generate(base, [prompt], { ...options, guides });
      b.end();
    },
  });
}

const work = `${samples} texts of ${maxNewTokens} tokens`;
for (const topK of [5, 20, 40]) {
  const steps = { group: `${work}, k = ${topK}`, topK, together: true };
  bench(steps);
  for (const system of rewardSystems) bench(steps, system);
}

const apart = { group: `${work}, k = 20, not in one graph`, topK: 20, together: false };
bench(apart);
for (const system of joinable) bench(apart, system);
