import type { OptionTable } from "../options/option.ts";
import { deviceChoices } from "../runtime/device.ts";

/** `--device` of commands that compute on the CPU unless told otherwise. */
export const deviceOption = {
  device: {
    type: "choice",
    of: deviceChoices,
    default: "cpu",
    placeholder: "name",
    help: "where to compute",
  },
} as const satisfies OptionTable;
