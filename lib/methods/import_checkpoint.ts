import { type CheckpointKind, checkpointKinds, checkpointNames } from "./checkpoint_names.ts";
import { parseBackbone } from "../models/architectures.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "./model_spec.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import type { OptionsOf, OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { configPath, readModelConfig, writeModelFolder } from "../weights/model_folder.ts";
import { openStateDict } from "../weights/pytorch/state_dict.ts";
import { openSafetensors } from "../weights/safetensors.ts";
import type { WeightsFile } from "../weights/weights_file.ts";

/** What `importCheckpoint` takes. */
export const importOptions = {
  checkpoint: {
    type: "text",
    required: true,
    placeholder: "file",
    help: "state dict: pytorch_model.bin, .pt, .pth or .safetensors",
  },
  config: {
    type: "text",
    required: true,
    placeholder: "dir",
    help: "folder of the GPT-2 that it was trained from: its config.json and tokenizer",
  },
  kind: {
    type: "choice",
    of: checkpointKinds,
    required: true,
    placeholder: "kind",
    help: "rad: RAD's GPT2RewardModel; arm: GPT2RewardSoftModel",
  },
  labels: {
    type: "list",
    of: { type: "text" },
    empty: false,
    required: true,
    placeholder: "name",
    help: "names of its labels, in the order of its head",
  },
  out: { type: "text", required: true, placeholder: "dir", help: "folder to write" },
  ...outputOptions,
} as const satisfies OptionTable;
export type ImportOptions = OptionsOf<typeof importOptions>;

/**
 * Writes a reward model whose state dict was published as a model folder of ours.
 *
 * @throws {Error} one sentence, if a file cannot be read or written, or holds no such model, another run writes `out`, or it
 *   holds a model and may not be replaced.
 */
export async function importCheckpoint(options: ImportOptions): Promise<void> {
  const { checkpoint, config: folder, kind, labels, out, overwrite } = settle(
    "importCheckpoint",
    importOptions,
    options,
  );
  await using _lock = await lockFolder(out);
  await keepFinished(out, overwrite, configPath(out));
  const backbone = parseBackbone(await readModelConfig(folder), configPath(folder));
  const file = await (checkpoint.endsWith(".safetensors") ? openSafetensors : openStateDict)(
    checkpoint,
  );
  const names = namesIn(file, kind);
  const spec: BackboneSpec = kind === "rad"
    ? { kind, backbone, labels }
    : { kind, backbone, labels, baseline: names.head.has("head.prefix_baseline.weight") };
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapesOf(spec)) {
    const stored = names.head.get(name) ?? names.backbone(name);
    const entry = file.tensors.get(stored);
    if (!entry) throw new Error(`'${checkpoint}' has no tensor ${stored}, which the model needs.`);
    if (entry.shape.join() !== shape.join()) {
      throw new RangeError(
        `'${checkpoint}': tensor ${stored} has shape [${entry.shape}], but ` +
          (backbone.shapes.has(name)
            ? `${configPath(folder)} asks`
            : `${labels.length} labels ask`) +
          ` for [${shape}].`,
      );
    }
    values.set(name, await file.readFloat32(stored));
  }
  if (names.output) await requireTied(file, names.output, values.get(backbone.outputEmbedding)!);
  await writeModelFolder(out, {
    config: modelSpecJson(spec),
    shapes: shapesOf(spec),
    values,
    tokenizer: folder,
  });
}

function namesIn(file: WeightsFile, kind: CheckpointKind) {
  try {
    return checkpointNames(new Set(file.tensors.keys()), kind);
  } catch (cause) {
    throw new TypeError(
      `'${file.path}' is not the state dict of such a model: ${
        (cause as Error).message
      }; choose another file or ` +
        "kind.",
      { cause },
    );
  }
}

/** An ARM rates tokens by their output embeddings, which in our graph are the input embeddings. */
async function requireTied(file: WeightsFile, name: string, input: Float32Array): Promise<void> {
  const output = await file.readFloat32(name);
  if (output.length !== input.length || output.some((value, i) => value !== input[i])) {
    throw new TypeError(
      `'${file.path}': its output embedding ${name} is not its input embedding, which is not supported.`,
    );
  }
}
