import type { TradeOffRow } from "../charts/trade_off.ts";
import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../decode/base_model.ts";
import { generateTexts } from "../decode/generate_texts.ts";
import type { Steering } from "../decode/guidance.ts";
import type { TextGeneration } from "../decode/text_generation.ts";
import { bootstrapInterval } from "../eval/bootstrap.ts";
import { interruptible } from "../notebook/interruption.ts";
import type { RewardModel } from "../reward/reward_model.ts";

/** A way to steer, to be compared with others. */
export interface System {
  /** What tables and charts call it. */
  readonly name: string;
  /** What steers. */
  readonly model: RewardModel;
  /** The labels that steer; β comes from the sweep. */
  readonly steering: readonly Omit<Steering, "beta">[];
}

/** What the judges say of the continuations of one prompt. */
export interface PromptMeasurement {
  /** Attribute score of each continuation, in [0, 1]. */
  readonly scores: readonly number[];
  /** Anything the perplexity is computed from, one entry a continuation. */
  readonly fluency: readonly { readonly nll: number; readonly count: number }[];
}

/** Options of `sweep`; those of generating are as in `generate`. */
export interface SweepOptions {
  /** The model that writes. */
  base: BaseModel;
  /** The tokenizer of all models. */
  tokenizer: Tokenizer;
  /** The texts that are continued. */
  prompts: readonly string[];
  /** What is compared. */
  systems: readonly System[];
  /** Strengths of each system; 0 is the base model alone. */
  betas: readonly number[];
  /** Tokens that a step chooses from. Default 20. */
  k?: number;
  /** Continuations of each prompt. Default 25. */
  samples?: number;
  /** Longest continuation, in tokens. Default 20. */
  maxTokens?: number;
  /** Default 0. */
  seed?: number;
  /** Rows that are computed together. Default 100. */
  batchRows?: number;
  /** Judges a generation, prompt by prompt. */
  measure: (generation: TextGeneration) => Promise<PromptMeasurement[]>;
  /** How the perplexities of continuations become one number. */
  perplexity: (fluency: readonly { nll: number; count: number }[]) => number;
}

/** One point of the sweep, with its cost and what was generated. */
export interface SweepRow extends TradeOffRow {
  /** Backbone calls of the reward model a step, as counted; 0 without steering. */
  readonly backboneCalls: number;
  /** Tokens of all texts a second. */
  readonly tokensPerSecond: number;
  /** The texts. */
  readonly generation: TextGeneration;
}

/**
 * Generates with every system at every β and measures control against fluency, with 95 % bootstrap intervals
 * over prompts. β = 0 is generated once, without a reward model, and stands in every system's row. Stop in a notebook
 * leaves the points that were finished.
 */
export async function sweep(options: SweepOptions): Promise<SweepRow[]> {
  using work = interruptible();
  const measured = async (system: System | undefined, beta: number) =>
    work.signal?.aborted ? undefined : await point(options, system, beta, work.signal);
  const unsteered = options.betas.includes(0) ? await measured(undefined, 0) : undefined;
  const rows: SweepRow[] = [];
  for (const system of options.systems) {
    for (const beta of options.betas) {
      const row = beta === 0 ? unsteered : await measured(system, beta);
      if (!row) return rows;
      rows.push({ ...row, system: system.name });
    }
  }
  return rows;
}

/** @returns nothing if the work was stopped. */
async function point(
  { base, tokenizer, prompts, k, samples, maxTokens, batchRows, seed = 0, ...judges }: SweepOptions,
  system: System | undefined,
  beta: number,
  signal: AbortSignal | undefined,
): Promise<SweepRow | undefined> {
  const began = performance.now();
  const generation = await generateTexts(base, tokenizer, prompts, {
    guides: system
      ? [{ model: system.model, steering: system.steering.map((way) => ({ ...way, beta })) }]
      : [],
    k,
    samples,
    maxTokens,
    batchRows,
    seed,
    label: system ? `${system.name}, β=${beta}` : "Unsteered",
    traces: false,
    signal,
  });
  if (!generation.finished) return undefined;
  const seconds = (performance.now() - began) / 1000;
  const measured = await judges.measure(generation);
  const score = bootstrapInterval(
    measured.map(({ scores }) => mean(scores)),
    mean,
    { seed },
  );
  const fluency = bootstrapInterval(
    measured.map(({ fluency }) => fluency),
    (prompts) => judges.perplexity(prompts.flat()),
    { seed },
  );
  return {
    system: system?.name ?? "unsteered",
    beta,
    score: score.estimate,
    scoreLow: score.low,
    scoreHigh: score.high,
    perplexity: fluency.estimate,
    perplexityLow: fluency.low,
    perplexityHigh: fluency.high,
    backboneCalls: generation.backboneCalls[0] ?? 0,
    tokensPerSecond: generation.tokens / seconds,
    generation,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The sweep's points as CSV, one line a system and β. */
export function sweepCsv(rows: readonly SweepRow[]): string {
  const columns = [
    "system",
    "beta",
    "score",
    "scoreLow",
    "scoreHigh",
    "perplexity",
    "perplexityLow",
    "perplexityHigh",
    "backboneCalls",
    "tokensPerSecond",
  ] as const;
  const lines = rows.map((row) => columns.map((name) => JSON.stringify(row[name])).join(","));
  return [columns.join(","), ...lines].join("\n") + "\n";
}
