import { join } from "node:path";
import { readLabelledTexts } from "../../data/labelled_texts.ts";
import { writeClassifierFolder } from "../../eval/classifier_folder.ts";
import { trainTextClassifiers } from "../../eval/train_text_classifiers.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { files } from "./files.ts";

/** A classifier of word n-grams for one label, as `deno task train classifier` trains it. */
export function textClassifierStage(
  name: string,
  texts: Stage,
  settings: { readonly label: string; readonly seed: number },
  seconds: number,
): Stage {
  return defineStage({
    kind: "text-classifier/1",
    title: `Training ${name}`,
    settings: { ...settings },
    needs: { texts },
    onDevice: false,
    cost: { seconds, disk: 5e6, memory: 5e8 },
    async make(folder, from) {
      const data = await readLabelledTexts([join(from.texts, files.texts)], {
        labels: [settings.label],
        missing: "skip",
      });
      const classifiers = trainTextClassifiers(data, { seed: settings.seed });
      await writeClassifierFolder(folder, classifiers);
    },
  });
}
