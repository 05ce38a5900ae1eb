import { join } from "node:path";
import { requireSameTokenizer } from "../../data/same_tokenizer.ts";
import { loadTokenizer, type Tokenizer } from "../../data/tokenizer.ts";
import type { GenerateTextsOptions } from "../../decode/generate_options.ts";
import { logRatios } from "../../decode/log_probabilities.ts";
import { generateTexts } from "../../decode/generate_texts.ts";
import type { BaseModel } from "../../bases/base_model.ts";
import { openBaseModel } from "../../bases/own_base.ts";
import { readJsonFile } from "../../files/json_file.ts";
import { openRewardModel } from "../../methods/open_reward_model.ts";
import {
  type Cost,
  defineStage,
  type Json,
  type RowRange,
  type Stage,
  type StageContext,
  type StageNeeds,
} from "../../stages/stage.ts";
import type { SamplingSettings, SystemPoint } from "../systems/system.ts";
import { files, hasFile, joinRows, readRows, writeJson, writeRows } from "./files.ts";
import { inParts, removeParts, usualSize } from "./in_parts.ts";

/** The continuations of one prompt. */
export interface GenerationRow {
  readonly prompt: string;
  readonly continuations: readonly string[];
  /** Token ids of each continuation. */
  readonly ids: readonly (readonly number[])[];
  /**
   * log q(x) − log p(x) of each continuation x, in nats: how much likelier what controls it makes it than the sampler of the base
   * model alone, whose tokens are among the base's top k; or the mean over the prompt's texts, where only that is known. Absent
   * where neither is.
   */
  readonly logRatios?: readonly number[];
  /** How many of the continuations were taken because tries ran out; absent where nothing is tried. */
  readonly exhausted?: number;
}

/** What generating took. */
export interface GenerationCost {
  readonly tokens: number;
  readonly backboneCalls: number;
  readonly seconds: number;
}

/** Prompts that were continued, with what that took. */
export interface Written extends Omit<GenerationCost, "seconds"> {
  readonly rows: readonly GenerationRow[];
}

/** A part of the prompts, continued. */
interface Part {
  readonly rows: readonly GenerationRow[];
  readonly cost: GenerationCost;
}

/**
 * Continues some prompts.
 *
 * @param firstPrompt which of all prompts the first of them is, so that every prompt has random numbers of its own.
 */
export type Writer = (prompts: readonly string[], firstPrompt: number) => Promise<Written>;

/** What continues prompts, as a stage. */
export interface GenerationPlan<Needs extends StageNeeds & { readonly prompts: Stage }> {
  /** Its kind, with a version that is raised when it does otherwise with the same settings. */
  readonly kind: string;
  readonly title: string;
  readonly settings: GenerationSettings & { readonly beta?: number };
  /** The prompts, and all that it writes with. */
  readonly needs: Needs;
  readonly cost: Cost;
  /** Opens what it writes with; `opened` disposes of it at the end. */
  open(
    from: { readonly [name in keyof Needs]: string },
    context: StageContext,
    opened: AsyncDisposableStack,
  ): Promise<Writer>;
}

/**
 * A stage that continues prompts in parts, whatever with: its result has `GenerationRow`s, and what they took. It divides where it
 * is known how many prompts there are.
 */
export function generationBy<Needs extends StageNeeds & { readonly prompts: Stage }>(
  { kind, title, settings, needs, cost, open }: GenerationPlan<Needs>,
): Stage {
  type From = { readonly [name in keyof Needs]: string };
  const { part = usualSize } = settings;
  /** Writes the texts of some prompts, and in `result` what all parts of them took. */
  const write = async (
    folder: string,
    from: From,
    context: StageContext,
    range: RowRange | undefined,
    result: { readonly name: string; of(costs: readonly GenerationCost[]): unknown },
  ): Promise<void> => {
    if (await hasFile(folder, result.name)) return await removeParts(folder);
    const rows = await readRows<{ prompt: string }>(from.prompts, files.prompts);
    await using opened = new AsyncDisposableStack();
    const write = await open(from, context, opened);
    const parts = await inParts(folder, rows, async (some, firstPrompt): Promise<Part> => {
      const began = performance.now();
      const { rows, ...cost } = await write(some.map(({ prompt }) => prompt), firstPrompt);
      return { rows, cost: { ...cost, seconds: (performance.now() - began) / 1000 } };
    }, { ...context, size: part, range });
    if (!parts) return;
    await writeRows(folder, files.generations, parts.flatMap(({ rows }) => rows));
    await writeJson(folder, result.name, result.of(parts.map(({ cost }) => cost)));
    await removeParts(folder);
  };
  const { rows } = needs.prompts;
  return defineStage<Needs>({
    kind,
    title: `Generating: ${title}`,
    settings: { ...settings } as unknown as Json,
    needs,
    cost,
    rows,
    make: (folder, from, context) =>
      write(folder, from, context, undefined, { name: files.cost, of: costOf }),
    ...(rows === undefined ? {} : {
      division: {
        rows,
        part,
        make: (folder, from, context, range) =>
          write(folder, from, context, range, { name: files.costs, of: (costs) => costs }),
        async merge(folder, shards) {
          await joinRows(folder, files.generations, shards);
          const costs = await Promise.all(
            shards.map((shard) => readJsonFile(join(shard, files.costs))),
          ) as GenerationCost[][];
          await writeJson(folder, files.cost, costOf(costs.flat()));
        },
      },
    }),
  });
}

/** What all parts took together. */
function costOf(parts: readonly GenerationCost[]): GenerationCost {
  const sum = (of: (cost: GenerationCost) => number) =>
    parts.reduce((total, cost) => total + of(cost), 0);
  const tokens = sum((cost) => cost.tokens);
  return {
    tokens,
    backboneCalls: parts.length === 1
      ? parts[0].backboneCalls
      : sum((cost) => cost.backboneCalls * cost.tokens) / Math.max(1, tokens),
    seconds: sum(({ seconds }) => seconds),
  };
}

export interface GenerationSettings extends SamplingSettings {
  /** How the reward model steers; absent without one. */
  readonly steering?: SystemPoint["steering"];
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
  return generationBy<StageNeeds & { prompts: Stage }>({
    kind: "generate/2",
    title: name,
    settings,
    needs: model ? { base, prompts, model } : { base, prompts },
    cost: { seconds, disk: 5e5, memory: 5e8 + 2 * base.cost.disk + 2 * (model?.cost.disk ?? 0) },
    open: (from, context, opened) =>
      guidedWriter(name, from.base, sampling, context, opened, async (tokenizer) => {
        if (!from.model || !steering) return {};
        await requireSameTokenizer(tokenizer, from.base, [from.model]);
        const model = opened.use(await openRewardModel(from.model, context.device));
        return { guides: [{ model, steering: [steering] }] };
      }),
  });
}

/** What continues prompts with a base model that is steered while it writes, by guides or a formula. */
export async function guidedWriter(
  label: string,
  base: string,
  { part: _part, ...sampling }: SamplingSettings,
  { device, signal }: StageContext,
  opened: AsyncDisposableStack,
  openGuidance: (
    tokenizer: Tokenizer,
    base: BaseModel,
  ) => Promise<Pick<GenerateTextsOptions, "guides" | "formula" | "temperature">>,
): Promise<Writer> {
  const tokenizer = await loadTokenizer(base);
  const model = opened.use(await openBaseModel(base, device));
  const guidance = await openGuidance(tokenizer, model);
  return async (some, firstPrompt) => {
    const { texts, ids, logProbabilities, tokens, backboneCalls } = await generateTexts(
      model,
      tokenizer,
      some,
      {
        ...sampling,
        ...guidance,
        firstPrompt,
        label,
        traces: false,
        logProbabilities: true,
        signal,
      },
    );
    const ratios = logRatios(logProbabilities!);
    return {
      rows: texts.map((row, i) => ({
        ...row,
        ids: ids[i],
        logRatios: ratios[i],
      })),
      tokens,
      backboneCalls: backboneCalls.reduce((sum, calls) => sum + calls, 0),
    };
  };
}
