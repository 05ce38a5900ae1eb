import { join } from "node:path";
import { generate } from "../../lib/decode/generate.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { makeFolder } from "../../lib/files/make_folder.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import { openTinyModels, randomPrompts } from "../tiny_models.ts";
import { type SoakTask, tell } from "./work.ts";

/** Prompts of a chunk, which is written as a whole. */
const chunk = 10;

/** Continues random prompts steered by an ARM, from the first chunk on that is not there. */
export async function soakGeneration({ out, seed, units }: SoakTask): Promise<void> {
  await makeFolder(out);
  const device = await openDevice("cpu");
  await using models = await openTinyModels("arm", device, new AbortController().signal);
  for (let unit = 1; unit <= units; unit++) {
    const path = join(out, `${unit}.json`);
    if (await Deno.stat(path).then(() => true, () => false)) continue;
    const { guides } = models;
    const prompts = randomPrompts(chunk, { least: 10, most: 10, seed: seed + unit });
    const { continuations } = await generate(
      models.base,
      prompts,
      { guides, samples: 25, maxNewTokens: 20, ends: [], seed: seed + unit },
    );
    await writeAtomically(path, JSON.stringify(continuations));
    tell(unit);
  }
}
