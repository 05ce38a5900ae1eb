import { join } from "node:path";
import { readLabelledTexts } from "../../data/labelled_texts.ts";
import { openEncoder } from "../../encoders/open_encoder.ts";
import { writeClassifierFolder } from "../../eval/classifier_folder.ts";
import { trainEmbeddingClassifiers } from "../../eval/train_embedding_classifiers.ts";
import { defineStage, type Stage } from "../../stages/stage.ts";
import { files } from "./files.ts";

/** Classifiers of sentence embeddings, one a label: logistic regressions on what an encoder makes of texts. */
export function embeddingClassifier(
  name: string,
  { texts, encoder }: { texts: Stage; encoder: Stage },
  labels: readonly string[],
  seconds: number,
): Stage {
  return defineStage({
    kind: "embedding-classifier/1",
    title: `Training ${name}`,
    settings: { labels },
    needs: { texts, encoder },
    cost: { seconds, disk: 1e5, memory: 1e9 },
    async make(folder, from, { device, signal }) {
      const data = await readLabelledTexts([join(from.texts, files.texts)], {
        labels,
        missing: "skip",
      });
      await using opened = await openEncoder(from.encoder, device);
      const classifiers = await trainEmbeddingClassifiers(data, opened, { signal });
      await writeClassifierFolder(folder, classifiers, opened);
    },
  });
}
