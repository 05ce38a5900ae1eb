import { join } from "node:path";
import { loadTokenizer } from "../../data/tokenizer.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { readJsonFile } from "../../files/json_file.ts";
import { parseModelSpec } from "../../methods/model_spec.ts";
import { Random } from "../../random.ts";
import { openRewardModel } from "../../methods/open_reward_model.ts";
import { rateVocabulary } from "../../methods/rate_prefixes.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { configPath, readModelConfig } from "../../weights/model_folder.ts";
import { files, readRows } from "./files.ts";
import type { GenerationRow } from "./generation_stage.ts";

/** What a model says of all next tokens. */
export interface RewardMatrixResult {
  /** The reward of every token averaged over the prompts, from the least to the greatest: tokens are in an order of the model's own. */
  readonly sorted: readonly number[];
  /** Singular values of the matrix of rewards, prefixes × vocabulary, from the greatest down. */
  readonly singularValues: readonly number[];
  readonly prefixes: number;
  readonly vocabulary: number;
  /** The width d of its hidden states. */
  readonly width: number;
}

const file = "rewards.json";

export async function readRewardMatrix(folder: string): Promise<RewardMatrixResult> {
  return await readJsonFile(join(folder, file)) as RewardMatrixResult;
}

export interface RewardMatrixSettings {
  label: string;
  /** Prompts whose rewards are averaged for figure 5. */
  prompts: number;
  /** Prefixes of unsteered texts that are the rows of the matrix. */
  prefixes: number;
  seed: number;
}

/**
 * The rewards of the whole vocabulary: their distribution after some prompts (figure 5), and the singular values of the
 * matrix of rewards over many prefixes of unsteered texts, which tell its rank. An ARM of width d holds a matrix of
 * rank d at most, since equation (2) is linear in the hidden state.
 */
export function rewardMatrix(
  name: string,
  { model, generations }: { model: Stage; generations: Stage },
  settings: RewardMatrixSettings,
  seconds: number,
): Stage {
  return defineStage({
    kind: "reward-matrix/1",
    title: `Rating the whole vocabulary: ${name}`,
    settings: { ...settings },
    needs: { model, generations },
    cost: { seconds, disk: 1e6, memory: 1e9 },
    async make(folder, from: { model: string; generations: string }, { device }) {
      const { Matrix, SVD } = await import("ml-matrix");
      const tokenizer = await loadTokenizer(from.model);
      await using opened = await openRewardModel(from.model, device);
      const rows = await readRows<GenerationRow>(from.generations, files.generations);
      const prompts = rows.map(({ prompt }) => tokenizer.encode(prompt));
      const random = new Random(settings.seed, "prefixes");
      const chosen = random.shuffle(rows.map((_, i) => i));
      const some = chosen.slice(0, settings.prompts).map((i) => prompts[i]);
      const prefixes = Array.from({ length: settings.prefixes }, (_, i) => {
        const row = chosen[i % chosen.length];
        const { ids } = rows[row];
        const text = ids[random.integer(ids.length)];
        const prefix = [...prompts[row], ...text.slice(0, random.integer(text.length + 1))];
        return prefix.slice(0, opened.longestText - 1);
      });
      const result: RewardMatrixResult = {
        sorted: averageSorted(await rateVocabulary(opened, some, settings.label)),
        singularValues:
          new SVD(new Matrix(await rateVocabulary(opened, prefixes, settings.label)), {
            computeLeftSingularVectors: false,
            computeRightSingularVectors: false,
            autoTranspose: true,
          }).diagonal,
        prefixes: prefixes.length,
        vocabulary: opened.vocabulary,
        width: await widthOf(from.model),
      };
      await writeAtomically(join(folder, file), JSON.stringify(result) + "\n");
    },
  });
}

/** The width of a model's hidden states. */
async function widthOf(folder: string): Promise<number> {
  const spec = parseModelSpec(await readModelConfig(folder), configPath(folder));
  if (spec.backbone) return spec.backbone.width;
  throw new TypeError(`A model of kind ${spec.kind} has no width of its own.`);
}

/** The reward of each token averaged over prompts, from the least to the greatest. */
function averageSorted(rewards: readonly (readonly number[])[]): number[] {
  return rewards[0]
    .map((_, token) => rewards.reduce((sum, row) => sum + row[token], 0) / rewards.length)
    .sort((a, b) => a - b);
}
