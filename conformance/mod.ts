import { join } from "node:path";
import type { Device } from "../lib/runtime/device.ts";
import { arm } from "./arm.ts";
import { type GoldenModel, openGoldenModel } from "./golden_model.ts";
import { backboneComparisonsIn, backboneFolders } from "./backbones.ts";
import { GoldenFolder } from "./folder.ts";
import { dexperts } from "./dexperts.ts";
import { forward } from "./forward.ts";
import { gedi } from "./gedi.ts";
import type { Golden } from "./golden.ts";
import { guided } from "./guided.ts";
import { losses } from "./losses.ts";
import { metrics } from "./metrics.ts";
import { comparePretrained, type Pretrained, pretrainedIn } from "./pretrained.ts";
import { rad } from "./rad.ts";
import { Report, type Row } from "./report.ts";
import { tokenizer, tokenizerFolders } from "./tokenizers.ts";
import { train } from "./train.ts";

export type { Row };

/** What is compared, by the golden file's name. A further golden file is one more file and one line here. */
const comparisons = { forward, arm, losses, train, rad, guided, dexperts, gedi, metrics };

export interface GoldenOptions {
  device: Device;
  /** Folder of the GGUF files that numbers of pretrained models belong to. */
  models?: string;
  /** Called with every quantity as it was compared. */
  onRow: (row: Row) => void;
}

/** How each golden file of a folder is compared, by its name. */
type Comparisons = Readonly<Record<string, (golden: Golden) => Promise<void>>>;

/** How many quantities passed and failed, and how many nothing here computes. */
export interface GoldenCounts {
  readonly passed: number;
  readonly failed: number;
  readonly notYet: number;
}

/**
 * Compares this implementation with a folder of golden numbers, laid out as its README says: those of GPT-2, or folders of
 * further backbones and tokenizers, or files of pretrained models. All sizes are read from the folder. What is missing there, or cannot be read, is a failure that says so.
 *
 * @throws {Error} if there is no such folder.
 */
export async function compareGolden(
  path: string,
  { device, models: files, onRow }: GoldenOptions,
): Promise<GoldenCounts> {
  const folder = await GoldenFolder.open(path);
  const pretrained = await pretrainedIn(path);
  if (pretrained.size > 0) return await compareAllPretrained(pretrained, files, { device, onRow });
  const parts: [string, Comparisons][] = [];
  for (const name of await backboneFolders(path)) {
    parts.push([name, await backboneComparisonsIn(join(path, name))]);
  }
  for (const name of await tokenizerFolders(path)) parts.push([name, { cases: tokenizer }]);
  if (parts.length === 0) {
    return await compareFolder(folder, join(path, "tiny-gpt2"), comparisons, { device, onRow });
  }
  let counts: GoldenCounts = { passed: 0, failed: 0, notYet: 0 };
  for (const [name, comparisons] of parts) {
    const own = join(path, name);
    const { passed, failed, notYet } = await compareFolder(
      await GoldenFolder.open(own),
      own,
      comparisons,
      { device, onRow: (row) => onRow({ ...row, quantity: `${name}/${row.quantity}` }) },
    );
    counts = {
      passed: counts.passed + passed,
      failed: counts.failed + failed,
      notYet: counts.notYet + notYet,
    };
  }
  return counts;
}

async function compareAllPretrained(
  pretrained: ReadonlyMap<string, Pretrained>,
  models: string | undefined,
  { device, onRow }: GoldenOptions,
): Promise<GoldenCounts> {
  if (models === undefined) {
    throw new TypeError(
      "These are numbers of pretrained models: name the folder of their GGUF files with --models.",
    );
  }
  const counts = { passed: 0, failed: 0, notYet: 0 };
  for (const [name, golden] of pretrained) {
    const report = new Report((row) => onRow({ ...row, quantity: `${name}/${row.quantity}` }));
    await report.section("model", () => comparePretrained(golden, { models, device, report }));
    counts.passed += report.counts.passed;
    counts.failed += report.counts.failed;
  }
  return counts;
}

/** Compares with the files of one folder, computed with one language model. */
async function compareFolder(
  folder: GoldenFolder,
  model: string,
  comparisons: Comparisons,
  { device, onRow }: GoldenOptions,
): Promise<GoldenCounts> {
  const report = new Report(onRow);
  let opened: Promise<GoldenModel> | undefined;
  const reference = () => opened ??= openGoldenModel(model);
  const golden: Golden = { folder, device, report, reference };
  for (const [name, comparison] of Object.entries(comparisons)) {
    await report.section(name, () => comparison(golden));
  }
  for (const name of Object.keys(comparisons)) {
    for (const tensor of await folder.file(name).untaken()) report.notYet(`${name}.${tensor}`);
  }
  const { passed, failed, "not yet": later } = report.counts;
  return { passed, failed, notYet: later };
}
