import { parseBackbone } from "../models/architectures.ts";
import { kindIn } from "../models/language_model_spec.ts";
import { configPath, readModelConfig } from "../weights/model_folder.ts";

/**
 * The learning rate that fits a model which goes on from another: the paper's 1e-5 at the width of GPT-2-small, 768, and
 * above, and more for a narrower one, by the square of its width, up to 1e-3. Measured on models of width 128.
 */
export function defaultRate(width: number): number {
  return Math.min(1e-3, 1e-5 * Math.max(1, 768 / width) ** 2);
}

/** How much higher the rate of adapters is, as is usual: what they add is small where B is. */
const adaptersFactor = 10;

/** The learning rate that fits a model which goes on from that of a folder, or adapters beside its weights. */
export async function rateFor(
  folder: string,
  { lora }: { readonly lora?: object } = {},
): Promise<number> {
  const config = await readModelConfig(folder);
  // a model of another kind may have no width, and is refused where it is opened
  const width = kindIn(config) === "lm" ? parseBackbone(config, configPath(folder)).width : 768;
  return (lora ? adaptersFactor : 1) * defaultRate(width);
}
