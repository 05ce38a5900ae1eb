import type { Device } from "../lib/runtime/device.ts";
import type { GoldenModel } from "./golden_model.ts";
import type { GoldenFolder } from "./folder.ts";
import type { Report } from "./report.ts";

/** What the comparisons of every golden file work with. */
export interface Golden {
  readonly folder: GoldenFolder;
  readonly device: Device;
  readonly report: Report;
  /** The folder's language model. @throws what opening a model folder throws. */
  readonly reference: () => Promise<GoldenModel>;
}
