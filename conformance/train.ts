import type { AdamWOptions } from "../lib/train/adamw_options.ts";
import { armObjective } from "../lib/methods/arm.ts";
import { Trainer } from "../lib/train/trainer.ts";
import { readArmHead } from "./arm.ts";
import type { NumericArray, Tolerance } from "./compare.ts";
import type { Golden } from "./golden.ts";
import { readExamples, wholeBatch, withNegatives } from "./losses.ts";
import { Slopes } from "./slopes.ts";

const gradientTolerance: Tolerance = { absolute: 5e-5, relative: 1e-4 };
const parameterTolerance: Tolerance = { absolute: 2e-5 };
const valueTolerance: Tolerance = { relative: 1e-4 };

/** A run of the optimizer over all steps of the golden file. */
interface Course {
  /** The losses before each step. */
  readonly losses: number[];
  /** Norms of the gradients before each step and before clipping. */
  readonly norms: number[];
  /** Parameters after each step. */
  readonly parameters: ReadonlyMap<string, Float32Array>[];
  readonly lossAfter: number;
}

/** Training: gradients at the start, then steps of AdamW, plain, clipped, and without decay on biases and norms. */
export async function train(golden: Golden): Promise<void> {
  const { folder, device, report } = golden;
  const file = folder.file("train");
  const batch = folder.file("losses");
  const reference = await golden.reference();
  const { head, weights } = await readArmHead(folder.file("arm"), reference.backbone.width);
  const part = wholeBatch(await readExamples(batch, "", await batch.array("labels")));
  const initial = await reference.values();
  for (const [name, { data }] of weights) initial.set(name, Float32Array.from(data));

  const steps = await file.count("neg_targets_per_step");
  const negatives: number[][][] = [];
  for (let i = 0; i < steps; i++) negatives.push(await file.ids(`neg_targets_per_step.${i}`));
  let step = 0;
  const objective = withNegatives(
    armObjective(reference.backbone, head, { published: true }),
    () => negatives[step],
  );
  const trained = [...objective.shapes].filter(([name]) => !objective.frozen.has(name));
  const rate = await file.number("optimizer.lr");
  const [beta1, beta2] = (await file.array("optimizer.betas")).data as number[];
  const adamw: AdamWOptions = {
    betas: [beta1, beta2],
    epsilon: await file.number("optimizer.eps"),
    weightDecay: await file.number("optimizer.weight_decay"),
  };

  const slopes = await Slopes.open(objective, device);
  await using _ = slopes;
  const run = async (options: AdamWOptions): Promise<Course> => {
    await using trainer = await Trainer.open(objective, initial, device, {
      adamw: { ...adamw, ...options },
    });
    const course: Course = { losses: [], norms: [], parameters: [], lossAfter: NaN };
    for (step = 0; step < steps; step++) {
      const before = course.parameters.at(-1) ?? initial;
      const { loss, grad_norm } = await trainer.step([part], rate);
      course.losses.push(loss);
      course.norms.push(grad_norm ?? (await slopes.at(before, part)).norm);
      course.parameters.push(await trainer.parameters());
    }
    step = steps - 1;
    return { ...course, lossAfter: (await trainer.evaluate([part])).loss };
  };
  const compareCourse = async (path: string, { losses, norms, lossAfter }: Course) => {
    await report.compare(file, `${path}.loss`, listOf(losses), valueTolerance);
    for (const [name, values] of [["loss", losses], ["grad_norm", norms]] as const) {
      await report.compare(file, `${path}.${name}_float64`, listOf(values), valueTolerance, {
        optional: true,
      });
    }
    const after = `${path}.loss_after_step${steps}_with_neg_targets_of_step${steps}`;
    await report.compare(file, after, lossAfter, valueTolerance, { optional: true });
  };

  await report.section("train.grad", async () => {
    step = 0;
    const { gradients } = await slopes.at(initial, part);
    for (const [name] of trained) {
      const gradient = gradients.get(name)!;
      await report.compare(file, `grad.${name}`, gradient, gradientTolerance);
    }
    if (!await file.has("per_tensor")) return;
    const names = trained.map(([name]) => name);
    const largest = names.map((name) => largestOf(gradients.get(name)!));
    const expected: number[] = [];
    for (const name of names) expected.push(await file.number(`per_tensor.${name}.grad_max`));
    report.compareWith(
      "train.per_tensor.*.grad_max",
      listOf(expected),
      listOf(largest),
      gradientTolerance,
    );
  });

  /** Compares parameters where rounding cannot decide what they become. */
  const compareParameters = async (
    prefix: string,
    values: ReadonlyMap<string, Float32Array>,
    names: readonly (readonly [string, readonly number[]])[],
  ) => {
    for (const [name, shape] of names) {
      await report.section(`train.${prefix}.${name}`, async () => {
        const mask = (await file.tensor(`stable.${name}`)).data;
        const actual = { shape, data: values.get(name)! };
        await report.compare(file, `${prefix}.${name}`, actual, parameterTolerance, { mask });
      });
    }
  };

  await report.section("train.unclipped", async () => {
    const course = await run({});
    await compareCourse("unclipped", course);
    await report.compare(file, "unclipped.grad_norm", listOf(course.norms), valueTolerance);
    for (const [i, values] of course.parameters.entries()) {
      await compareParameters(`step${i + 1}`, values, trained);
    }
  });

  await report.section("train.clipped_max_grad_norm", async () => {
    const path = await clippedPath(golden);
    const course = await run({ maxGradNorm: Number(path.slice(clippedPrefix.length)) });
    await compareCourse(path, course);
    const norms = `${path}.grad_norm_before_clipping`;
    await report.compare(file, norms, listOf(course.norms), valueTolerance);
  });

  await report.section("train.no_decay", async () => {
    const course = await run({ decayAll: false });
    if (await file.has("decay_without_biases_and_layer_norms")) {
      await compareCourse("decay_without_biases_and_layer_norms", course);
    }
    const undecayed = trained.filter(([, shape]) => shape.length === 1);
    await compareParameters(`no_decay_step${steps}`, course.parameters.at(-1)!, undecayed);
  });
}

const clippedPrefix = "clipped_max_grad_norm_";

/** The key that names the largest norm allowed, such as `clipped_max_grad_norm_2`. @throws {Error} if there is none. */
async function clippedPath({ folder }: Golden): Promise<string> {
  const keys = Object.keys(await folder.file("train").json() as Record<string, unknown>);
  const path = keys.find((key) => key.startsWith(clippedPrefix));
  if (path === undefined) {
    throw new Error(
      `There is no ${clippedPrefix}… in 'train.json' of '${folder.path}': the folder is not complete`,
    );
  }
  return path;
}

const listOf = (values: readonly number[]): NumericArray => ({
  shape: [values.length],
  data: values,
});

const largestOf = ({ data }: NumericArray): number =>
  Array.from(data).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
