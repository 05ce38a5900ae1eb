import { join } from "node:path";
import { classifierFile } from "../eval/classifier_folder.ts";
import { readJsonFile } from "../files/json_file.ts";
import { inOrder, type Stage, type StageContext } from "../stages/stage.ts";
import type { StageStore } from "../stages/stage_store.ts";

/** How good the judges that were trained here are on texts that they were not trained on, as lines of Markdown. */
export async function judgeQuality(
  results: readonly Stage[],
  store: StageStore,
  context: Pick<StageContext, "device">,
): Promise<string[]> {
  const lines: string[] = [];
  for (const stage of inOrder(results, context.device).values()) {
    if (!/classifier\/\d+$/.test(stage.kind)) continue;
    const path = join(store.folderOf(stage, context), classifierFile);
    const file = await readJsonFile(path).catch(() => undefined);
    const { classifiers } = Object(file) as { classifiers?: readonly Judge[] };
    for (const { label, held_out: quality } of classifiers ?? []) {
      if (!quality) continue;
      const { texts, accuracy, auc } = quality;
      // JSON has null where all held-out texts are of one class
      const area = auc === null ? "" : `, area under its ROC curve ${auc.toFixed(3)}`;
      lines.push(
        `- ${stage.title.replace(/^Training /, "")} (${label}): ${
          (100 * accuracy).toFixed(1)
        } % right${area}, on ` +
          `${texts} held-out texts`,
      );
    }
  }
  return lines;
}

/** What a folder of classifiers says of one. */
interface Judge {
  readonly label: string;
  readonly held_out?: {
    readonly texts: number;
    readonly accuracy: number;
    readonly auc: number | null;
  };
}
