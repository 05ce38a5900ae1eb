import type { Kind } from "../options/option.ts";
import { type Device, deviceChoices } from "./device.ts";

/** A device as an argument, for `checkArgument`. */
export const deviceKind = {
  type: "value",
  is: (value: unknown): value is Device =>
    typeof value === "object" && value !== null && "name" in value && value.name !== "auto" &&
    deviceChoices.some((choice) => choice === value.name),
  what: "a device, from await openDevice()",
} as const satisfies Kind;
