import { type Dtype, transformersFiles } from "../../bases/transformers_base.ts";
import type { Device } from "../../runtime/device.ts";
import { type Choose, fetchRepository, type HubOptions } from "../../weights/hub.ts";
import { modelFiles } from "../../weights/hub/fetch_model.ts";
import { onnxFolder } from "../../weights/onnx_folder.ts";
import { openEncoderClassifier } from "./encoder_classifier.ts";
import type { Scorer } from "./scorer.ts";
import { openTransformersClassifier } from "./transformers_classifier.ts";

/**
 * A text classifier on a Hugging Face hub: by its graph for transformers.js, or, where it has none, by the weights that it was
 * published with. What is fetched decides which, so that its scores are of one version wherever it is opened.
 *
 * @throws {Error} one sentence, if it cannot be fetched or is no classifier of texts.
 */
export async function openHubClassifier(
  name: string,
  { dtype = "fp32", device, ...hub }: HubOptions & { dtype?: Dtype; device?: Device },
): Promise<Scorer> {
  const choose = classifierFiles(dtype);
  let isGraph = true;
  const folder = await fetchRepository({ kind: "model", name }, (files) => {
    const chosen = choose(files);
    isGraph = chosen.some((file) => file.startsWith(`${onnxFolder}/`));
    return chosen;
  }, hub);
  return isGraph
    ? await openTransformersClassifier(name, { dtype, device, ...hub })
    : await openEncoderClassifier(folder, { device, name });
}

/** The files of a classifier: its graph, or the weights that it was published with where it has none. */
export function classifierFiles(dtype: Dtype): Choose {
  const graph = transformersFiles(dtype);
  return (files) => {
    const hasGraphs = files.some((file) => file.startsWith(`${onnxFolder}/`));
    const hasWeights = files.some((file) =>
      /^(model|pytorch_model)\b.*\.(safetensors|bin)$/.test(file)
    );
    return hasGraphs || dtype !== "fp32" || !hasWeights ? graph(files) : modelFiles(files);
  };
}
