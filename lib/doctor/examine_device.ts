import { measuredModel } from "../experiments/efficiency.ts";
import { modelText } from "../experiments/efficiency_report.ts";
import type { Backbone } from "../models/backbone.ts";
import { type Device, openDevice, reason } from "../runtime/device.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { type AdapterLimits, adapterLimits } from "./adapter_limits.ts";
import { paperReward, smallStandIn, stepTime } from "./step_time.ts";
import { copyRate, crossingRate, productRate } from "./rates.ts";

/** What a test found out. */
export interface TestResult {
  readonly test: string;
  readonly unit: "GFLOP/s" | "GB/s" | "ms";
  readonly value: number;
  /** What it was measured on. */
  readonly on: string;
}

/** A test that the device did not pass. */
export interface FailedTest {
  readonly test: string;
  readonly problem: string;
}

/** What is found out of a device, one after the other. */
export type Finding =
  | { readonly works: true }
  /** Why it cannot be used, and what to do about it, in one sentence. */
  | { readonly works: false; readonly problem: string }
  | { readonly limits: AdapterLimits }
  | TestResult
  | FailedTest;

/** How much of the time each test may take. */
const shares = { product: 0.2, half: 0.1, copy: 0.1, step: 0.3 };

/**
 * Opens a device and tests it.
 *
 * @param seconds what the tests take together on a device that is fast enough to load a model in a fraction of it; 0
 *   leaves them out.
 * @param backbone the model whose step is timed. Default: the paper's reward model, or a small one on WebGPU in software.
 */
export async function* examineDevice(
  name: DeviceName,
  seconds: number,
  backbone?: Backbone,
): AsyncGenerator<Finding> {
  let device: Device;
  try {
    device = await openDevice(name);
  } catch (error) {
    yield { works: false, problem: (error as Error).message };
    return;
  }
  yield { works: true };
  const limits = name === "webgpu" ? await adapterLimits() : undefined;
  if (limits) yield { limits };
  if (seconds === 0) return;
  yield await tested("matrix product, float32", "GFLOP/s", async () => {
    const { perSecond, size } = await productRate(name, "float32", shares.product * seconds);
    return [perSecond / 1e9, `${size} × ${size}`];
  });
  yield await tested("matrix product, float16", "GFLOP/s", async () => {
    const { perSecond, size } = await productRate(name, "float16", shares.half * seconds);
    return [perSecond / 1e9, `${size} × ${size}`];
  });
  yield await tested("copy on the device", "GB/s", async () => {
    const { perSecond, size } = await copyRate(name, "float32", shares.copy * seconds);
    return [perSecond / 1e9, `${(4 * size * size / 1e6).toFixed(0)} MB`];
  });
  yield await tested("copy there and back", "GB/s", async () => {
    const { perSecond, size } = await crossingRate(name, shares.copy * seconds);
    return [perSecond / 1e9, `${(4 * size / 1e6).toFixed(0)} MB`];
  });
  yield await tested("step that writes a token", "ms", async () => {
    const model = backbone ?? (limits?.isSoftware ? smallStandIn : paperReward);
    const step = await stepTime(device, model, shares.step * seconds);
    return [step, `${modelText(measuredModel(model))}, one text`];
  });
}

/** The finding of a test, which may fail for itself alone. */
async function tested(
  test: string,
  unit: TestResult["unit"],
  measure: () => Promise<[value: number, on: string]>,
): Promise<Finding> {
  try {
    const [value, on] = await measure();
    return { test, unit, value: Number(value.toPrecision(4)), on };
  } catch (error) {
    return { test, problem: reason(error) };
  }
}
