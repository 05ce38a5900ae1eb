import { openWorldScorer } from "../../eval/scorers/world.ts";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import type { PolicyOptions } from "../../tuning/policy_options.ts";
import { trainPolicy } from "../../tuning/train_policy.ts";
import { files, readRows } from "./files.ts";
import { trainingOf, withinStage } from "./model_stages.ts";

/** How a policy is trained; its learning rate by the name that stages have. */
export interface PolicySettings extends
  Pick<
    PolicyOptions,
    | "method"
    | "label"
    | "inverse"
    | "iterations"
    | "rollouts"
    | "epochs"
    | "batchSize"
    | "klCoefficient"
    | "maxNewTokens"
    | "topK"
  > {
  readonly rate: number;
  readonly shape?: PolicyOptions["schedule"];
  readonly seed: number;
}

/** A language model that is trained on the exact truth of the small world about the texts that it writes from these prompts. */
export function worldPolicy(
  name: string,
  { base, prompts }: { base: Stage; prompts: Stage },
  settings: PolicySettings,
  seconds: number,
): Stage {
  return defineStage({
    kind: "world-policy/1",
    title: `Training ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: { base, prompts },
    cost: { seconds, disk: 2 * base.cost.disk, memory: base.cost.memory + base.cost.disk },
    async make(folder, from, { device, signal }) {
      const rows = await readRows<{ prompt: string }>(from.prompts, files.prompts);
      await using truth = openWorldScorer();
      await trainPolicy(rows.map(({ prompt }) => prompt), truth, device, {
        ...trainingOf(settings),
        init: from.base,
        out: folder,
        ...withinStage,
        signal,
      });
    },
  });
}
