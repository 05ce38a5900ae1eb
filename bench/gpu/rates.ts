import type { ProbeType } from "../../lib/doctor/probe_graph.ts";
import { copyRate, crossingRate, productRate, type Rate } from "../../lib/doctor/rates.ts";
import type { DeviceName } from "../../lib/runtime/device_name.ts";
import { type Finding, rounded } from "./row.ts";

/** How fast a device multiplies and copies in an element type, and crosses to memory and back. */
export async function* rates(
  device: DeviceName,
  type: ProbeType,
  seconds: number,
): AsyncGenerator<Finding> {
  const found = (quantity: string, unit: string, { perSecond, size }: Rate, per: number) => ({
    quantity,
    value: rounded(perSecond / per),
    unit,
    about: { size },
  });
  const products = await productRate(device, type, seconds);
  yield found(`matrix products in ${type}`, "TFLOP/s", products, 1e12);
  yield found(`copies in ${type}`, "GB/s", await copyRate(device, type, seconds), 1e9);
  if (type !== "float32") return;
  yield found("copies to the device and back", "GB/s", await crossingRate(device, seconds), 1e9);
}
