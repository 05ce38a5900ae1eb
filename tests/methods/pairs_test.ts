import assert from "node:assert/strict";
import { armPairObjective } from "../../lib/methods/arm.ts";
import { farmaObjective } from "../../lib/methods/farma.ts";
import { genarmObjective } from "../../lib/methods/genarm_objective.ts";
import { radPairObjective } from "../../lib/methods/rad.ts";
import { Random } from "../../lib/random.ts";
import type { Example, Objective } from "../../lib/train/objective.ts";
import { Trainer } from "../../lib/train/trainer.ts";
import { armHeadOf, radHeadOf } from "../head_sizes.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import {
  randomParameters,
  tinyBackbone,
  type TinyModel,
  tinySpecs,
  writeTinyModel,
} from "../tiny_models.ts";
import { partsOf } from "../train/tiny_training.ts";
import { WholeTextModel } from "../whole_text_model.ts";
import { checkReadings } from "./reading_property.ts";

Deno.test("GenARM and FaRMA rate all next tokens from one call; ARGS and CD take one a candidate", async () => {
  await checkReadings("genarm", { rateAll: true });
  await checkReadings("farma", { rateAll: true });
  await checkReadings("args");
  await checkReadings("cd");
});

const random = new Random(3, "pairs");
const tokens = (most: number) =>
  Array.from({ length: 1 + random.integer(most) }, () => random.integer(60));
const pairs: Example[] = Array.from({ length: 5 }, (_, i) => {
  const prompt = i === 0 ? [] : tokens(3);
  const answered = (): Example => ({
    ids: [...prompt, ...tokens(5)],
    labels: [],
    given: prompt.length,
    goesOn: i === 4,
  });
  return { ...answered(), rejected: answered() };
});

const loss = (chosen: number, rejected: number) => Math.log(1 + Math.exp(rejected - chosen));

/** The scores of the tokens of an answer, each after all before it. */
type Scores = (text: Example, ends: boolean) => Promise<number[]>;

/** Compares the losses of an objective on a tiny model, computed in parts, with those made of scores of whole texts. */
async function checkLosses(
  name: TinyModel,
  objective: Objective,
  expect: (scores: Scores, whole: WholeTextModel) => Promise<Record<string, number>>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    await using whole = await WholeTextModel.open(await writeTinyModel(folder, name, 1));
    const scores: Scores = async ({ ids, given = 0, goesOn }, ends) => {
      const text = [...Array.from(ids), ...(ends && !goesOn ? [tinyBackbone.endOfText] : [])];
      const places = text.slice(given).map((_, i) => given + i);
      const rated = await whole.rewards(
        places.map((place) => text.slice(0, place)),
        places.map((place) => [text[place]]),
      );
      return rated.map(([[score]]) => score);
    };
    const expected = await expect(scores, whole);
    const parameters = randomParameters(tinySpecs[name], 1);
    await using trainer = await Trainer.open(objective, parameters, cpu, { threads: 1 });
    const losses = await trainer.evaluate(partsOf(pairs, 2, 3));
    for (const [term, value] of Object.entries(expected)) {
      const near = Math.abs(losses[term] - value) <= 2e-5 * Math.max(1, Math.abs(value));
      assert.ok(near, `${name} ${term}: ${losses[term]} ${value}`);
    }
  });
}

/** Σ over pairs, one over their number each. */
async function meanOver(of: (chosen: Example, rejected: Example) => Promise<number>) {
  let sum = 0;
  for (const pair of pairs) sum += await of(pair, pair.rejected!);
  return sum / pairs.length;
}

/** Prefixes of answers are compared place by place, weighed by t. */
const ofPrefixes = (scores: Scores) =>
  meanOver(async (chosen, rejected) => {
    const [a, b] = [await scores(chosen, false), await scores(rejected, false)];
    const n = Math.max(a.length, b.length);
    return Array.from({ length: n }, (_, t) =>
      2 * (t + 1) / (n * (n + 1)) * loss(a[t] ?? a.at(-1)!, b[t] ?? b.at(-1)!))
      .reduce((x, y) =>
        x + y
      );
  });

Deno.test("ARM and RAD compare the prefixes of answers, ARGS their ends", async () => {
  await checkLosses(
    "armWithoutBaseline",
    armPairObjective(tinyBackbone, armHeadOf(tinySpecs.armWithoutBaseline), { regularizer: 0 }),
    async (scores) => ({ loss: await ofPrefixes(scores) }),
  );
  const head = { ...radHeadOf(tinySpecs.args), labels: 1 };
  await checkLosses(
    "args",
    radPairObjective(tinyBackbone, head, { compares: "prefixes" }),
    async (scores) => ({ loss: await ofPrefixes(scores) }),
  );
  await checkLosses(
    "args",
    radPairObjective(tinyBackbone, head, { compares: "texts" }),
    async (scores) => ({
      loss: await meanOver(async (chosen, rejected) =>
        loss((await scores(chosen, false)).at(-1)!, (await scores(rejected, false)).at(-1)!)
      ),
    }),
  );
});

Deno.test("GenARM compares sums of log-probabilities, of the end of a text too", async () => {
  const sum = (values: number[]) => values.reduce((a, b) => a + b);
  await checkLosses(
    "genarm",
    genarmObjective(tinyBackbone, { rewardScale: 0.3 }),
    async (scores) => ({
      loss: await meanOver(async (chosen, rejected) =>
        loss(0.3 * sum(await scores(chosen, true)), 0.3 * sum(await scores(rejected, true)))
      ),
    }),
  );
});

Deno.test("FaRMA compares last values, and values of chosen prefixes with those of their best next tokens", async () => {
  await checkLosses(
    "farma",
    farmaObjective(tinyBackbone, { constraint: 0.5 }),
    async (scores, whole) => {
      const bradleyTerry = await meanOver(async (chosen, rejected) =>
        loss((await scores(chosen, false)).at(-1)!, (await scores(rejected, false)).at(-1)!)
      );
      const constraint = await meanOver(async (chosen) => {
        const values = await scores(chosen, false);
        const { ids, given = 0 } = chosen;
        const errors: number[] = [];
        for (const [i, value] of values.slice(0, -1).entries()) {
          const prefix = Array.from(ids).slice(0, given + i + 1);
          const [logits] = await whole.logits([[tinyBackbone.bos, ...prefix]]);
          errors.push((value - Math.max(...logits)) ** 2);
        }
        return errors.length === 0 ? 0 : errors.reduce((a, b) => a + b) / errors.length;
      });
      return {
        bradley_terry: bradleyTerry,
        constraint,
        loss: bradleyTerry + 0.5 * constraint,
      };
    },
  );
});
