import { type Device, type DeviceChoice, openDevice } from "../runtime/device.ts";

/** Opens a device; for `auto`, standard error says which it is. */
export async function openDeviceAndTell(choice: DeviceChoice): Promise<Device> {
  const device = await openDevice(choice);
  if (device.note) console.error(device.note);
  return device;
}
