import type { BaseModel } from "../../lib/bases/base_model.ts";
import { generate, type Guide, readPrompts } from "../../lib/decode/generate.ts";
import { strengthsOf } from "../../lib/decode/guidance.ts";
import { type RowChoice, type RunningRow, RunningRows } from "../../lib/decode/running_rows.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import { Random } from "../../lib/random.ts";

/** A text as somebody asks for it, and the step before which it joins. */
export interface AskedText {
  readonly joinsAt: number;
  readonly prompt: readonly number[];
  readonly guides: readonly Guide[];
  readonly samples: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly topK: number;
  readonly temperature: number;
  readonly topP?: number;
  readonly minP?: number;
}

/** Texts by themselves, as `generate` writes them. */
export async function writtenAlone(
  base: BaseModel,
  texts: readonly AskedText[],
  ends: readonly number[],
): Promise<number[][][]> {
  const written: number[][][] = [];
  for (const { joinsAt: _, prompt, ...options } of texts) {
    const { continuations } = await generate(base, [prompt], { ...options, ends, progress: false });
    written.push(continuations[0]);
  }
  return written;
}

/** The same texts together: each joins when it likes, and leaves at its end. */
export async function writtenInTurns(
  base: BaseModel,
  models: readonly RewardModel[],
  topK: number,
  texts: readonly AskedText[],
  ends: readonly number[],
): Promise<{ written: number[][][]; most: number }> {
  await using running = await RunningRows.open(base, models, topK);
  const written: number[][][] = texts.map(({ samples }) =>
    Array.from({ length: samples }, () => [])
  );
  const placed = new Map<RunningRow, { text: number; sample: number; taken: number }>();
  const take = (choices: readonly RowChoice[]) => {
    for (const { row, token } of choices) {
      const place = placed.get(row)!;
      place.taken++;
      const isEnd = ends.includes(token);
      if (!isEnd) written[place.text][place.sample].push(token);
      if (isEnd || place.taken === texts[place.text].maxNewTokens) running.leave(row);
    }
  };
  let most = 0;
  for (let step = 0; step < 40; step++) {
    const joining = texts.map((_, i) => i).filter((i) => texts[i].joinsAt === step);
    if (joining.length > 0) {
      const choices = await running.join(joining.map((i) => {
        const { prompt, guides, samples, seed, topK, temperature, topP, minP } = texts[i];
        return {
          prompt: readPrompts(base, [prompt])[0],
          settings: {
            ...{ topK, temperature, topP, minP },
            strengths: models.map((model) =>
              strengthsOf(
                model.labels,
                guides.flatMap((guide) => guide.model === model ? guide.steering : []),
              )
            ),
          },
          streams: Array.from({ length: samples }, (_, i) => new Random(seed, "noise", 0, i)),
        };
      }));
      const order = joining.flatMap((text) =>
        written[text].map((_, sample) => ({ text, sample, taken: 0 }))
      );
      choices.forEach(({ row }, i) => placed.set(row, order[i]));
      take(choices);
    }
    most = Math.max(most, running.size);
    if (running.size > 0) take(await running.step());
  }
  return { written, most };
}
