import { join } from "node:path";
import { requireSameTokenizer } from "../../data/same_tokenizer.ts";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { generateTexts } from "../../decode/generate_texts.ts";
import { openBaseModel } from "../../bases/own_base.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { openRewardModel } from "../../methods/open_reward_model.ts";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import { files, hasFile, readRows, writeRows } from "./files.ts";
import { inParts, removeParts } from "./in_parts.ts";

/** The continuations of one prompt. */
export interface GenerationRow {
  readonly prompt: string;
  readonly continuations: readonly string[];
  /** Token ids of each continuation. */
  readonly ids: readonly (readonly number[])[];
}

/** What generating took. */
export interface GenerationCost {
  readonly tokens: number;
  readonly backboneCalls: number;
  readonly seconds: number;
}

/** A part of the prompts, continued. */
interface Part {
  readonly rows: readonly GenerationRow[];
  readonly cost: GenerationCost;
}

export interface GenerationSettings {
  topK: number;
  samples: number;
  maxNewTokens: number;
  seed: number;
  /** How the reward model steers; absent without one. */
  steering?: { label: string; beta: number; inverse: boolean };
}

/**
 * Continuations of prompts by a base model, steered by a reward model where there is one.
 *
 * @param seconds how long it takes on 2 cores, roughly.
 */
export function generation(
  name: string,
  { base, prompts, model }: { base: Stage; prompts: Stage; model?: Stage },
  settings: GenerationSettings,
  seconds: number,
): Stage {
  const { steering, ...sampling } = settings;
  return defineStage({
    kind: "generate/1",
    title: `Generating: ${name}`,
    settings: { ...settings } as unknown as Json,
    needs: model ? { base, prompts, model } : { base, prompts },
    cost: { seconds, disk: 5e5, memory: 5e8 + 2 * base.cost.disk + 2 * (model?.cost.disk ?? 0) },
    async make(folder, from: { base: string; prompts: string; model?: string }, context) {
      const { device, signal } = context;
      if (await hasFile(folder, files.cost)) return await removeParts(folder);
      const rows = await readRows<{ prompt: string }>(from.prompts, files.prompts);
      const tokenizer = await loadTokenizer(from.base);
      await using opened = new AsyncDisposableStack();
      const base = opened.use(await openBaseModel(from.base, device));
      const model = from.model && opened.use(await openRewardModel(from.model, device));
      if (from.model) await requireSameTokenizer(tokenizer, from.base, [from.model]);
      const parts = await inParts(folder, rows, async (some, firstPrompt): Promise<Part> => {
        const began = performance.now();
        const { texts, ids, tokens, backboneCalls } = await generateTexts(
          base,
          tokenizer,
          some.map(({ prompt }) => prompt),
          {
            ...sampling,
            firstPrompt,
            guides: model && steering ? [{ model, steering: [steering] }] : [],
            label: name,
            traces: false,
            signal,
          },
        );
        const seconds = (performance.now() - began) / 1000;
        return {
          rows: texts.map((row, i) => ({ ...row, ids: ids[i] })),
          cost: { tokens, backboneCalls: backboneCalls[0] ?? 0, seconds },
        };
      }, { signal });
      if (!parts) return;
      await writeRows(folder, files.generations, parts.flatMap(({ rows }) => rows));
      const sum = (of: (cost: GenerationCost) => number) =>
        parts.reduce((total, { cost }) => total + of(cost), 0);
      const tokens = sum((cost) => cost.tokens);
      const cost: GenerationCost = {
        tokens,
        backboneCalls: parts.length === 1
          ? parts[0].cost.backboneCalls
          : sum((cost) => cost.backboneCalls * cost.tokens) / Math.max(1, tokens),
        seconds: sum(({ seconds }) => seconds),
      };
      await writeAtomically(join(folder, files.cost), JSON.stringify(cost) + "\n");
      await removeParts(folder);
    },
  });
}
