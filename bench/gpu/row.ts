import type { Precision } from "../../lib/runtime/device.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";

/** What is measured: a device of this library, or PyTorch, with how its matrices are multiplied. */
export interface Contender {
  /** What rows call it, such as `cuda TF32`. */
  readonly name: string;
  /** Absent for PyTorch. */
  readonly device?: DeviceName;
  /** What models compute with on it. Default: float32. */
  readonly precision?: Precision;
  /** What its process needs in the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a measurement found out: a number, or what kept it from being found. */
export interface Finding {
  /** What was measured, the same words for all contenders. */
  readonly quantity: string;
  readonly value?: number;
  readonly unit?: string;
  /** What else there is to know, such as the range of the rounds. */
  readonly about?: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

/** A line of the results. */
export interface Row extends Finding {
  readonly contender: string;
  /** Bytes of the device's memory in use at most while this was measured, where NVIDIA's driver tells. */
  readonly peak_device_bytes?: number;
  /** Bytes of the machine's memory that its process had taken at most, where Linux tells. */
  readonly peak_host_bytes?: number;
}

/** Four significant digits: more is noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
