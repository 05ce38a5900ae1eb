import type { SafetensorsStream } from "../weights/safetensors.ts";
import type { Trainer } from "./trainer.ts";

/**
 * Parameters and moments of a trainer, to be written: each tensor is copied from the device when it is its turn, so that one is
 * there at a time.
 */
export function trainerTensors(
  trainer: Trainer,
  names: Iterable<string>,
): readonly (readonly [name: string, tensor: SafetensorsStream])[] {
  const { changing, objective } = trainer;
  return [...names].map((name) => {
    const shape = objective.shapes.get(name) ?? [changing.get(name)!];
    const chunks = async function* () {
      const { buffer, byteOffset, byteLength } = await trainer.read(name);
      yield new Uint8Array(buffer, byteOffset, byteLength);
    };
    return [name, { dtype: "F32", shape, chunks }] as const;
  });
}
