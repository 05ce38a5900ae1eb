import type { Tokenizer } from "../data/tokenizer.ts";
import type { BaseModel } from "../bases/base_model.ts";
import { generateTexts } from "../decode/generate_texts.ts";
import type { Steering } from "../decode/guidance.ts";
import { bootstrapInterval } from "../eval/bootstrap.ts";
import { mean } from "../eval/mean.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { baseModelKind } from "../bases/base_model_kind.ts";
import type { SettledOptions } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { textsKind } from "../options/texts_kind.ts";
import { type SweepOptions, sweepOptions } from "./sweep_options.ts";
import { interruptible } from "../notebook/interruption.ts";
import { LiveOutput } from "../notebook/live_output.ts";
import type { SweepRow } from "./sweep_row.ts";
import { shownSweep, stoppedText, type SweepRows } from "./sweep_look.ts";
import type { RewardModel } from "../methods/reward_model.ts";

/** A way to steer, to be compared with others. */
export interface System {
  /** What tables and charts call it. */
  readonly name: string;
  /** What steers. */
  readonly model: RewardModel;
  /** The labels that steer; β comes from the sweep. */
  readonly steering: readonly Omit<Steering, "beta">[];
}

/**
 * Generates with every system at every β and measures control against fluency, with 95 % bootstrap intervals
 * over prompts. β = 0 is generated once, without a reward model, and stands in every system's row. Stop in a notebook
 * leaves the points that were finished, and says so.
 *
 * @returns one row a system and β, which show themselves as a table in notebooks; `finished` is false if it was stopped.
 */
export async function sweep(
  base: BaseModel,
  tokenizer: Tokenizer,
  prompts: readonly string[],
  options: SweepOptions,
): Promise<SweepRows> {
  checkArgument("sweep", "base", baseModelKind, base);
  checkArgument("sweep", "tokenizer", tokenizerKind, tokenizer);
  checkArgument("sweep", "prompts", textsKind, prompts);
  const settled = settle("sweep", sweepOptions, options);
  using work = interruptible();
  const measured = async (system: System | undefined, beta: number) =>
    work.signal?.aborted
      ? undefined
      : await point({ ...settled, base, tokenizer, prompts }, system, beta, work.signal);
  const unsteered = settled.betas.includes(0) ? await measured(undefined, 0) : undefined;
  const rows: SweepRow[] = [];
  const wanted = settled.systems.length * settled.betas.length;
  for (const system of settled.systems) {
    for (const beta of settled.betas) {
      const row = beta === 0 ? unsteered : await measured(system, beta);
      if (!row) {
        LiveOutput.here()?.show({ "text/plain": stoppedText(rows.length, wanted) });
        return shownSweep(rows, wanted);
      }
      rows.push({ ...row, system: system.name });
    }
  }
  return shownSweep(rows, wanted);
}

/** What all points have in common. */
interface Common extends SettledOptions<typeof sweepOptions> {
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  readonly prompts: readonly string[];
}

/** @returns nothing if the work was stopped. */
async function point(
  { base, tokenizer, prompts, topK, samples, maxNewTokens, batchSize, seed, ...judges }: Common,
  system: System | undefined,
  beta: number,
  signal: AbortSignal | undefined,
): Promise<SweepRow | undefined> {
  const began = performance.now();
  const generation = await generateTexts(base, tokenizer, prompts, {
    guides: system
      ? [{ model: system.model, steering: system.steering.map((way) => ({ ...way, beta })) }]
      : [],
    topK,
    samples,
    maxNewTokens,
    batchSize,
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
