import { seedAfter } from "../options/seed_option.ts";
import { sampleWorldCorpus } from "../data/world/sample_world_corpus.ts";
import { worldPrompts } from "../data/world/world_prompts.ts";
import { createWorld, perplexity } from "../data/world/world.ts";
import { loadTokenizer } from "../data/tokenizer.ts";
import { openBaseModel } from "../bases/own_base.ts";
import { openRewardModel } from "../methods/open_reward_model.ts";
import { checkArgument, settle } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { sweep } from "./sweep.ts";
import type { SweepRow } from "./sweep_row.ts";
import { writeDemo } from "./write_demo.ts";
import { type WorldDemoOptions, worldDemoOptions } from "./world_demo_options.ts";
import { worldJudge } from "./world_judge.ts";
import { trainWorldModels } from "./world_models.ts";

export interface WorldDemoResult {
  readonly rows: readonly SweepRow[];
  /** Perplexity of the world's own texts under the world: what perfect fluency measures. */
  readonly truePerplexity: number;
  readonly chartFile: string;
  readonly tableFile: string;
}

/**
 * The main job in small: a base model, a RAD teacher, an ARM distilled from it and an ARM on labels are
 * trained on texts of the small world, and steer the base model towards praise. The world itself is the
 * judge: it knows how probable a text is and what it expresses, exactly.
 */
export async function runWorldDemo(
  device: Device,
  options: WorldDemoOptions = {},
): Promise<WorldDemoResult> {
  checkArgument("runWorldDemo", "device", deviceKind, device);
  const { out, seed, texts, prompts, samples, betas, onStage = () => {} } = settle(
    "runWorldDemo",
    worldDemoOptions,
    options,
  );
  const world = createWorld();
  const folders = await trainWorldModels(device, { out, seed, texts, onStage });

  onStage("Steering towards praise");
  await using base = await openBaseModel(folders.base, device);
  await using rad = await openRewardModel(folders.rad, device);
  await using distilled = await openRewardModel(folders["arm-distilled"], device);
  await using labels = await openRewardModel(folders["arm-labels"], device);
  const steering = [{ label: "positive" }];
  const tokenizer = await loadTokenizer(folders.base);
  const rows = await sweep(base, tokenizer, worldPrompts({ seed, count: prompts, world }), {
    systems: [
      { name: "RAD", model: rad, steering },
      { name: "ARM, distilled", model: distilled, steering },
      { name: "ARM, labels only", model: labels, steering },
    ],
    betas,
    samples,
    seed,
    ...worldJudge(world),
  });

  const files = await writeDemo(out, rows, {
    title: "Steering towards praise in the small world",
    scoreTitle: "Exact probability that the text is positive",
    perplexityTitle: "True perplexity a word",
  });
  const held = sampleWorldCorpus({ seed: seedAfter(seed, 1), texts: 2000, world }).texts;
  const truePerplexity = perplexity(held.map((text) => world.score(text)));
  return { rows, truePerplexity, ...files };
}
