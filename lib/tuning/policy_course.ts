import { basename, join } from "node:path";
import { openOwnBase } from "../bases/own_base.ts";
import { mean } from "../eval/mean.ts";
import { removeAbandoned } from "../files/atomic_write.ts";
import { JsonLinesLog } from "../files/json_lines.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { Backbone } from "../models/backbone.ts";
import type { Parameters } from "../models/parameters.ts";
import { Progress } from "../progress.ts";
import { Random } from "../random.ts";
import type { Device } from "../runtime/device.ts";
import { loadCheckpoint, parametersInCheckpoint, saveCheckpoint } from "../train/checkpoint.ts";
import { cut, metricsPath } from "../train/fit.ts";
import type { FitOptions } from "../train/fit_options.ts";
import { type FitResult, fitResult } from "../train/fit_result.ts";
import { LiveCurve } from "../train/live_curve.ts";
import { LossCurve } from "../train/loss_curve.ts";
import type { MetricsRow } from "../train/metrics_row.ts";
import { NotFinite } from "../train/not_finite.ts";
import { tokensOf } from "../train/objective.ts";
import type { Course } from "../train/run.ts";
import { rateAt } from "../train/schedule.ts";
import type { Losses, Trainer } from "../train/trainer.ts";
import { Turns } from "../turns.ts";
import type { PolicyLearner } from "./policy_learner.ts";
import {
  type Rollout,
  type RolloutSettings,
  type RolloutSource,
  writeRollouts,
  type WrittenRollout,
} from "./rollouts.ts";

/** The file of all texts that the model wrote, one a line. */
const rolloutsFile = "rollouts.jsonl";

/** How a policy is trained. */
export interface PolicyPlan extends RolloutSource {
  readonly backbone: Backbone;
  readonly learner: PolicyLearner;
  /** The initial model's parameters, where they stand: those that do not train are the policy's, too. */
  readonly reference: Parameters;
  /** What is made of the policy's parameters, such as putting adapters beside them. Default: nothing. */
  readonly adapt?: (parameters: Parameters) => Parameters;
  readonly device: Device;
  readonly iterations: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly accumulationSteps: number;
  readonly sampling: RolloutSettings;
}

/**
 * The course of a policy's training: in every iteration the model writes texts, they are rated, and it learns from them for some
 * steps.
 *
 * An iteration begins with a checkpoint, and writes with the model in that file: what follows is a function of it, the seed and the
 * iteration's number. So a run that is stopped or killed goes on from the beginning of its iteration, and ends with the same weights.
 */
export function policyCourse(plan: PolicyPlan): Course {
  const { iterations, epochs, batchSize, sampling, prompts } = plan;
  const perIteration = Math.ceil(epochs * sampling.rollouts / batchSize);
  const longestPrompt = prompts.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  return {
    steps: iterations * perIteration,
    longest: longestPrompt + sampling.maxNewTokens,
    run: (trainer, options) => runPolicy(plan, perIteration, trainer, options),
  };
}

async function runPolicy(
  plan: PolicyPlan,
  perIteration: number,
  trainer: Trainer,
  options: FitOptions,
): Promise<FitResult> {
  const { backbone, learner, device, batchSize, iterations, accumulationSteps } = plan;
  const { folder = "", run = "", label = "Training", seed = 0, signal, onStep } = options;
  const steps = iterations * perIteration;
  await makeFolder(folder);
  await removeAbandoned(folder);
  await loadCheckpoint(folder, trainer, run);
  const curve = new LossCurve();
  using log = await JsonLinesLog.open(metricsPath(folder), {
    keep(row) {
      const isBefore = (row.step as number) <= trainer.steps;
      if (isBefore) curve.add(row as MetricsRow);
      return isBefore;
    },
  });
  const before: Rollout[] = [];
  using texts = await JsonLinesLog.open(join(folder, rolloutsFile), {
    keep(row) {
      const isBefore = (row.iteration as number) * perIteration < trainer.steps;
      if (isBefore) before.push(rolloutOf(row));
      return isBefore;
    },
  });
  learner.recall(before);
  const began = performance.now();
  await using live = LiveCurve.here(basename(folder), curve);
  const progress = new Progress({
    label,
    total: steps,
    unit: "steps",
    start: trainer.steps,
    output: live,
  });
  const turns = new Turns();
  let losses: Losses | undefined;
  let told = "";
  while (trainer.steps < steps && !signal?.aborted) {
    const iteration = Math.floor(trainer.steps / perIteration);
    await saveCheckpoint(folder, trainer, run);
    const parameters = await policyIn(folder, trainer, plan);
    const code = learner.readsCode(iteration) ? learner.controlCodes : undefined;
    await using base = openOwnBase(
      { kind: "lm", backbone, bos: true, ...(code && { controlCodes: code }) },
      parameters,
      device,
    );
    progress.update(trainer.steps, `writing${told}`);
    const written = await writeRollouts(base, plan, plan.sampling, iteration, signal);
    if (!written) break;
    requireRewards(written, iteration);
    const context = { iteration, steps: perIteration, batchSize, parameters, device };
    const { batches, facts } = await learner.learn(written, context);
    for (const { prompted, text, prompt, tokens, ended, reward } of written) {
      texts.append({
        iteration,
        prompt: prompted,
        text,
        reward,
        ended,
        prompt_ids: prompt,
        ids: tokens,
      });
    }
    const reward = mean(written.map(({ reward }) => reward));
    told = `, reward ${reward.toPrecision(4)}`;
    for (const batch of batches) {
      const from = performance.now();
      const step = trainer.steps + 1;
      const rate = rateAt(options, step, steps);
      losses = await trainer.step(
        cut(batch, accumulationSteps, new Random(seed, "step", step)),
        rate,
      );
      const seconds = (performance.now() - from) / 1000;
      const row: MetricsRow = {
        step,
        epoch: step / perIteration,
        rate,
        ...losses,
        reward,
        ...facts,
        tokens_per_second: Math.round(tokensOf(batch) / seconds),
      };
      log.append(row);
      curve.add(row);
      onStep?.(row);
      await turns.take();
      progress.update(step, `loss ${losses.loss.toPrecision(4)}${told}`);
      if (signal?.aborted) break;
    }
  }
  progress.done(losses && `loss ${losses.loss.toPrecision(4)}${told}`);
  return fitResult({
    steps: trainer.steps,
    finished: trainer.steps >= steps,
    seconds: (performance.now() - began) / 1000,
    losses,
    folder,
    curve: curve.points,
  });
}

/** @throws {NotFinite} naming the text, if one has a reward that is no number. */
function requireRewards(written: readonly WrittenRollout[], iteration: number): void {
  const at = written.findIndex(({ reward }) => !Number.isFinite(reward));
  if (at < 0) return;
  const { prompted, reward } = written[at];
  throw new NotFinite(
    `The reward of text ${at + 1} of ${written.length} in iteration ${
      iteration + 1
    } is ${reward}, after the prompt ${JSON.stringify(prompted)}`,
    [],
    "check what rates the texts",
  );
}

/** The policy as a folder's checkpoint has it. */
async function policyIn(
  folder: string,
  { trained, objective }: Trainer,
  { reference, adapt = (parameters) => parameters }: PolicyPlan,
): Promise<Parameters> {
  const shapes = new Map(trained.map((name) => [name, objective.shapes.get(name)!]));
  const own = await parametersInCheckpoint(folder, shapes);
  return adapt((name, shape) => (shapes.has(name) ? own : reference)(name, shape));
}

/** A text of an iteration before, as its row has it. */
function rolloutOf(row: Record<string, unknown>): Rollout {
  const { prompt_ids, ids, ended, reward } = row;
  return {
    prompt: prompt_ids as number[],
    tokens: ids as number[],
    ended: ended as boolean,
    reward: reward as number,
  };
}
