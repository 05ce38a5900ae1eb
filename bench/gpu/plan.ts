import type { ProbeType } from "../../lib/doctor/probe_graph.ts";
import type { RewardSystem } from "../../lib/experiments/random_models.ts";
import type { Precision } from "../../lib/runtime/device.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";
import { decodingQuantity, type Order, trainingQuantity } from "./measurement.ts";
import type { Contender } from "./row.ts";
import type { BenchScale } from "./scale.ts";
import type { TorchSetting } from "./torch.ts";

/** A measurement that is to be made, in its place. */
export interface Planned {
  readonly contender: Contender;
  readonly order: Order;
  /** Seconds after which its process is ended. */
  readonly seconds: number;
}

/** What is measured, and by which Python. */
export interface PlanOptions {
  readonly devices: readonly DeviceName[];
  readonly python: string;
  /** Where PyTorch computes. */
  readonly torchDevice: "cuda" | "auto";
  readonly golden?: string;
}

/** NVIDIA's libraries round factors of float32 products to 19 bits (TF32), unless this tells them not to. */
const exactFloat32 = { NVIDIA_TF32_OVERRIDE: "0" };

const [float32, tf32, compiled] = [
  { name: "PyTorch float32", env: exactFloat32, inTorch: "float32" },
  { name: "PyTorch TF32", inTorch: "tf32" },
  { name: "PyTorch 16 bits, compiled", inTorch: "float16" },
] as const;

/** Everything, what matters most first: what has no time is left out from the end. */
export function planOf(scale: BenchScale, options: PlanOptions): Planned[] {
  const { devices, python, torchDevice, golden } = options;
  // CUDA as most use it comes first
  const ours: Contender[] = devices.flatMap((device): Contender[] =>
    device === "cuda"
      ? [{ name: "cuda TF32", device }, { name: "cuda float32", device, env: exactFloat32 }]
      : [{ name: `${device} float32`, device }]
  );
  const once = ours.filter(({ device }, i) =>
    ours.findIndex((other) => other.device === device) === i
  );
  const gpus = once.filter(({ device }) => device !== "cpu");
  const halves = gpus.map(({ device }): Contender => ({
    name: `${device} float16`,
    device,
    precision: "float16",
  }));
  // the CPU is what others are compared with
  const exact = ours.filter(({ name, device }) => name !== "cuda TF32" && device !== "cpu");
  const each = (
    contenders: readonly Contender[],
    seconds: number,
    orderOf: (device: DeviceName, precision?: Precision) => Order,
  ) =>
    contenders.map((contender) => {
      const { device, precision } = contender;
      return { contender, order: orderOf(device!, precision), seconds };
    });
  const decode =
    (batch: number, systems: readonly RewardSystem[]) =>
    (device: DeviceName, precision?: Precision): Order => ({
      kind: "decode",
      device,
      precision,
      batch,
      systems,
    });
  const train = (shape: number) => (device: DeviceName): Order => ({
    kind: "train",
    device,
    shape,
  });
  const ratesIn = (type: ProbeType) => (device: DeviceName): Order => ({
    kind: "rates",
    device,
    type,
  });
  const [usualBatch, ...moreBatches] = scale.batches;
  const [usualSystems, ...moreSystems] = scale.systems;
  const peers = torchPlans(scale, python, torchDevice);
  return [
    ...each(once, 20, (device) => ({ kind: "open", device })),
    { contender: { name: "PyTorch" }, order: { kind: "open torch", python }, seconds: 40 },
    ...each(exact, 40, (device) => ({ kind: "exactness", device })),
    ...each(ours, 60, decode(usualBatch, usualSystems)),
    ...peers.decode([float32, tf32], usualBatch, "arm"),
    ...each(halves, 60, decode(usualBatch, ["arm"])),
    ...each(ours, 45, train(0)),
    ...peers.train([float32, tf32], 0),
    ...each(exact, 40, (device) => ({ kind: "placement", device })),
    ...each(ours, 15, ratesIn("float32")),
    ...each(gpus, 15, ratesIn("float16")),
    ...each(gpus, 15, ratesIn("bfloat16")),
    ...moreSystems.flatMap((systems) => each(once, 60, decode(usualBatch, systems))),
    ...peers.decode([tf32], usualBatch, "rad"),
    ...peers.decode([compiled], usualBatch, "arm"),
    ...peers.train([compiled], 0),
    ...peers.decode([tf32], usualBatch, "unguided"),
    ...moreBatches.flatMap((batch) => [
      ...each(once, 60, decode(batch, scale.systems.flat())),
      ...peers.decode([tf32], batch, "arm"),
      ...each(halves, 60, decode(batch, ["arm"])),
    ]),
    ...scale.training.slice(1).flatMap((_, i) => [
      ...each(once, 60, train(i + 1)),
      ...peers.train([tf32], i + 1),
    ]),
    ...(golden === undefined
      ? []
      : each(exact, 60, (device) => ({ kind: "golden", device, folder: golden }))),
  ];
}

interface Variant extends Contender {
  /** What the scripts of bench/peers call its precision. */
  readonly inTorch: string;
}

/** The measurements in PyTorch: what the authors' loop does, and compiled what PyTorch does best. */
function torchPlans(scale: BenchScale, python: string, device: string) {
  const planned = (variant: Variant, setting: TorchSetting): Planned => ({
    contender: variant,
    order: { kind: "torch", python, setting },
    seconds: variant === compiled ? 90 : 40,
  });
  const { topK: k, newTokens, rounds } = scale;
  return {
    decode: (variants: readonly Variant[], batch: number, system: string) =>
      variants.map((variant) =>
        planned(variant, {
          script: variant === compiled ? "best.py" : "decode.py",
          quantity: decodingQuantity(system, batch, k),
          steps: newTokens,
          rounds,
          told: {
            ...{ base: scale.base, reward: scale.reward, system, k, samples: batch },
            ...{ tokens: newTokens, prompt: 10, precision: variant.inTorch, device },
          },
        })
      ),
    train: (variants: readonly Variant[], shape: number) => {
      const { name, config, rows, time } = scale.training[shape];
      return variants.map((variant) =>
        planned(variant, {
          script: "train.py",
          quantity: trainingQuantity(name, rows, time),
          tokens: rows * time,
          steps: 1,
          rounds: 2 * rounds,
          told: {
            ...{ config, rows, time, precision: variant.inTorch, device },
            compile: variant === compiled,
          },
        })
      );
    },
  };
}
