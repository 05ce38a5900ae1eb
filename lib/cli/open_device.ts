import { type Device, type DeviceChoice, openDevice, type Precision } from "../runtime/device.ts";

/**
 * Opens the device that the user chose. Standard error says what `auto` took and why; where the user chose nothing, `auto` holds
 * as well, and only what is not the CPU is told.
 */
export async function openDeviceAndTell(
  choice?: DeviceChoice,
  precision?: Precision,
): Promise<Device> {
  const device = await openDevice(choice, { precision });
  if (device.note && (choice !== undefined || device.name !== "cpu")) console.error(device.note);
  return device;
}
