import { requireRoom } from "../inference/text_room.ts";
import { reshape } from "../graph/ops/mod.ts";
import { compile } from "../graph/program.ts";
import { input } from "../graph/tensor.ts";
import type { Backbone } from "../models/backbone.ts";
import { forward } from "../models/forward.ts";
import { openHeadedFolder } from "./headed_folder.ts";
import { type HeadedSpec, parseModelSpec, shapesOf } from "./model_spec.ts";
import { rad, radReward } from "./rad.ts";
import type { Device } from "../runtime/device.ts";
import { Session } from "../runtime/session.ts";
import type { Value } from "../runtime/value.ts";
import { configPath, parametersIn, readModelConfig } from "../weights/model_folder.ts";

/** A RAD model that rates every token of whole texts, for an ARM to learn from (equation (4)). */
export interface Teacher extends AsyncDisposable {
  readonly labels: readonly string[];
  readonly vocabulary: number;
  /** Rewards of right-padded texts, `[batch, time]` ids and mask → `[batch, time, labels]`, kept on the device. */
  rewards(ids: Value, mask: Value): Promise<Value>;
}

/** Opens a teacher from its folder. @throws {TypeError} if the folder holds anything but a RAD model. */
export async function openTeacher(path: string, device: Device): Promise<Teacher> {
  const spec = parseModelSpec(await readModelConfig(path), configPath(path));
  if (spec.kind !== rad.kind) {
    throw new TypeError(
      `A teacher must be a RAD model, but '${path}' holds a model of kind ${spec.kind}`,
    );
  }
  const folder = await openHeadedFolder(path, spec as HeadedSpec);
  const { backbone, labels, fromPairs } = spec as HeadedSpec;
  if (fromPairs) {
    throw new TypeError(
      `'${path}' learnt from pairs, whose rewards have no scale to be distilled: train on the pairs themselves`,
    );
  }
  const head = { labels: labels.length, width: backbone.width };
  const shape = ["batch", "time"];
  const parameters = await parametersIn(folder, shapesOf(spec as HeadedSpec));
  const { hidden } = forward(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const rewards = reshape(radReward(head, parameters, hidden), [
    ...shape,
    labels.length,
  ]);
  const session = await Session.open(compile({ rewards }), device, {
    onDevice: ["rewards"],
    spinning: false,
  });
  return {
    labels,
    vocabulary: backbone.vocabulary,
    rewards: async (ids, mask) => {
      requireRoom("The longest text", ids.dims[1], backbone.context, {
        advice:
          `train the student with a context of at most ${backbone.context} tokens, or take another teacher`,
      });
      return (await session.run({ ids, mask })).rewards;
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** Opens a teacher for a model on this backbone. @throws {RangeError} if it has another vocabulary. */
export async function openTeacherOf(
  { vocabulary }: Backbone,
  path: string,
  device: Device,
): Promise<Teacher> {
  const teacher = await openTeacher(path, device);
  if (teacher.vocabulary === vocabulary) return teacher;
  await teacher[Symbol.asyncDispose]();
  throw new RangeError(
    `The teacher has ${teacher.vocabulary} tokens and the base model ${vocabulary}: ` +
      "they must share a tokenizer",
  );
}
