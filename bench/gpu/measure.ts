import { openDevice, reason } from "../../lib/runtime/device.ts";
import { adapterLimits } from "../../lib/doctor/adapter_limits.ts";
import { runGolden } from "../../conformance/run_golden.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";
import { decoding } from "./decoding.ts";
import { exactness } from "./exactness.ts";
import type { Order } from "./measurement.ts";
import { placement } from "./placement.ts";
import { rates } from "./rates.ts";
import type { Finding } from "./row.ts";
import type { BenchScale } from "./scale.ts";
import { openTorch, torch } from "./torch.ts";
import { training } from "./training.ts";

/** What an order's quantity is called where it fails before it has found anything. */
export function nameOf(order: Order): string {
  switch (order.kind) {
    case "rates":
      return `rates in ${order.type}`;
    case "train":
      return "training";
    case "decode":
      return `decoding, ${order.batch} texts, ${order.systems.join(" ")}`;
    case "torch":
      return order.setting.quantity;
    default:
      return order.kind;
  }
}

/** Does what a process is told, and gives what is found as it is found. */
export async function* measure(order: Order, scale: BenchScale): AsyncGenerator<Finding> {
  try {
    yield* measured(order, scale);
  } catch (error) {
    yield { quantity: nameOf(order), problem: reason(error) };
  }
}

async function* measured(order: Order, scale: BenchScale): AsyncGenerator<Finding> {
  if (order.kind === "torch") return yield* torch(order.python, order.setting);
  if (order.kind === "open torch") return yield* openTorch(order.python);
  if (order.kind === "rates") return yield* rates(order.device, order.type, scale.rateSeconds);
  const precision = order.kind === "decode" ? order.precision : undefined;
  const device = await openDevice(order.device, { precision });
  switch (order.kind) {
    case "open":
      yield {
        quantity: "open",
        value: 1,
        unit: "works",
        about: { ...(order.device === "webgpu" ? await adapterLimits() : {}) },
      };
      return;
    case "exactness":
      return yield* exactness(device);
    case "placement":
      return yield* placement(device, scale.countedLayers);
    case "train":
      return yield* training(device, scale.training[order.shape], scale.trainingSeconds);
    case "decode":
      return yield* decoding(device, scale, order.batch, order.systems);
    case "golden":
      return yield* golden(order.device, order.folder);
  }
}

/** How many golden numbers a device gives within the CPU's tolerance. */
async function* golden(device: DeviceName, folder: string): AsyncGenerator<Finding> {
  const { passed, failed } = await runGolden(folder, { device, json: true, print: () => {} });
  yield {
    quantity: "exactness: golden numbers out of tolerance",
    value: failed,
    unit: `of ${passed + failed}`,
  };
}
