import { dirname, join } from "node:path";
import type { OpenedBase } from "../bases/open_base.ts";
import type { Guide } from "../decode/generate.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { keepFinished } from "../files/finished_output.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { makeFolder } from "../files/make_folder.ts";
import { requireTrunk } from "../methods/shared_trunk.ts";
import { copyTokenizer } from "../weights/model_folder.ts";
import { browserPackages } from "./browser_packages.ts";
import { pageFiles } from "./page_files.ts";
import { steeredGraph } from "./steered_graph.ts";

/** What {@linkcode exportSteered} writes. */
export interface ExportSteeredOptions {
  /** What the page calls each guide. */
  names: readonly string[];
  /** Candidates of a step, where the page begins. Default 20. */
  topK?: number;
  /** Whether a page that is there may be replaced. Default false. */
  overwrite?: boolean;
}

/**
 * Writes a folder that steers in a browser, with WASM or WebGPU, wherever files are served from: base model and reward
 * models as one graph, their weights as they are stored, the tokenizer, and a page. Drawn with the same seed, a text has the
 * tokens that `generate` draws.
 *
 * @param tokenizerFolder the folder of the base model's tokenizer.
 * @throws {TypeError} if a model cannot be a part of one graph, or stands on the trunk of another base model.
 * @throws {Error} if a file cannot be read or written, or the folder holds a page and may not be replaced.
 */
export async function exportSteered(
  { base }: Pick<OpenedBase, "base">,
  guides: readonly Guide[],
  tokenizerFolder: string,
  out: string,
  { names, topK = 20, overwrite = false }: ExportSteeredOptions,
): Promise<void> {
  for (const guide of guides) await requireTrunk(guide.model, base.graph?.trunkAt);
  const { program, model, step } = steeredGraph(base, guides, names, topK);
  const packages = await browserPackages();
  await using _lock = await lockFolder(out);
  await keepFinished(out, overwrite, join(out, "index.html"));
  const copies = [
    ...packages,
    ...step.weights.map((path) => ({ from: join(program.weightsFolder!, path), to: path })),
  ];
  for (const { from, to } of copies) {
    const target = join(out, to);
    await makeFolder(dirname(target));
    await writeAtomically(target, (await Deno.open(from)).readable);
  }
  await copyTokenizer(tokenizerFolder, out);
  await writeAtomically(join(out, "model.onnx"), model);
  await writeAtomically(join(out, "step.json"), JSON.stringify(step, null, 2) + "\n");
  for (const [file, content] of Object.entries(pageFiles)) {
    if (file !== "index.html") await writeAtomically(join(out, file), content);
  }
  // last, since it says that all is there
  await writeAtomically(join(out, "index.html"), pageFiles["index.html"]);
}
