import { type CheckpointKind, checkpointNames } from "../nn/checkpoint_names.ts";
import { parseBackbone } from "../models/architectures.ts";
import { type BackboneSpec, modelSpecJson, shapesOf } from "../nn/model_spec.ts";
import { configPath, readModelConfig, writeModelFolder } from "../weights/model_folder.ts";
import { openStateDict } from "../weights/pytorch/state_dict.ts";
import { openSafetensors } from "../weights/safetensors.ts";
import type { WeightsFile } from "../weights/weights_file.ts";

export interface ImportOptions {
  /** The state dict: as PyTorch saved it, or a file of safetensors. */
  checkpoint: string;
  /** Folder of the GPT-2 that the model was trained from: its backbone.json and tokenizer. */
  config: string;
  kind: CheckpointKind;
  /** Names of the labels that the model rates, in the order of its head. */
  labels: readonly string[];
  /** Folder to write. */
  out: string;
}

/**
 * Writes a reward model whose state dict was published as a model folder of ours.
 *
 * @throws {Error} one sentence, if a file cannot be read or written, or holds no such model.
 */
export async function importCheckpoint(options: ImportOptions): Promise<void> {
  const { checkpoint, config: folder, kind, labels, out } = options;
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
