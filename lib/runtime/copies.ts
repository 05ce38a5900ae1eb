import type * as ort from "onnxruntime-node";

/** What crossed in one direction. */
export interface Crossed {
  tensors: number;
  bytes: number;
}

/** What the runs on a device copied between memory and the device, shapes not counted: they are read in memory. */
export class Copies {
  readonly up: Crossed = { tensors: 0, bytes: 0 };
  readonly down: Crossed = { tensors: 0, bytes: 0 };

  /** Adds a tensor, if it is in memory. */
  add(direction: "up" | "down", value: ort.Tensor): void {
    if (value.location !== "cpu") return;
    this[direction].tensors++;
    this[direction].bytes += (value.data as Float32Array).byteLength;
  }
}
