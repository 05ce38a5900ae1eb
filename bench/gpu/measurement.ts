import type { Precision } from "../../lib/runtime/device.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";
import type { ProbeType } from "../../lib/doctor/probe_graph.ts";
import type { RewardSystem } from "../../lib/experiments/random_models.ts";
import type { TorchSetting } from "./torch.ts";

/** What the process of a measurement is told to do. */
export type Order =
  | { readonly kind: "open" | "exactness" | "placement"; readonly device: DeviceName }
  | { readonly kind: "rates"; readonly device: DeviceName; readonly type: ProbeType }
  | { readonly kind: "golden"; readonly device: DeviceName; readonly folder: string }
  | { readonly kind: "train"; readonly device: DeviceName; readonly shape: number }
  | {
    readonly kind: "decode";
    readonly device: DeviceName;
    readonly precision?: Precision;
    readonly batch: number;
    readonly systems: readonly RewardSystem[];
  }
  | { readonly kind: "open torch"; readonly python: string }
  | { readonly kind: "torch"; readonly python: string; readonly setting: TorchSetting };

/** Words for what a training step of that shape is measured by. */
export function trainingQuantity(name: string, rows: number, time: number): string {
  return `training an ARM on ${name}, ${rows} × ${time}`;
}

/** Words for what a step of decoding is measured by. */
export function decodingQuantity(system: string, batch: number, k: number): string {
  return system === "unguided" ? `unguided, ${batch} texts` : `${system}, k = ${k}, ${batch} texts`;
}
