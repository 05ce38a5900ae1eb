import type { SafetensorsStream } from "../weights/safetensors.ts";
import type { Trainer } from "./trainer.ts";

/** What training changes, to be written: each tensor is copied from the device when it is its turn, so that one is there at a time. */
export function trainedTensors(
  trainer: Trainer,
  of: (name: string) => boolean = () => true,
): readonly (readonly [name: string, tensor: SafetensorsStream])[] {
  return [...trainer.changing].filter(([name]) => of(name)).map(([name, size]) => {
    const shape = trainer.objective.shapes.get(name) ?? [size];
    const chunks = async function* () {
      const { buffer, byteOffset, byteLength } = await trainer.read(name);
      yield new Uint8Array(buffer, byteOffset, byteLength);
    };
    return [name, { dtype: "F32", shape, chunks }] as const;
  });
}
