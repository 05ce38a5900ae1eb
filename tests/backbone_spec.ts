import assert from "node:assert/strict";
import {
  type BackboneSpec,
  isHeaded,
  isLanguageModel,
  parseModelSpec,
} from "../lib/methods/model_spec.ts";
import { configPath, type ModelFolder } from "../lib/weights/model_folder.ts";

/** What a folder says of a model that has weights of its own. */
export function backboneSpecOf(folder: ModelFolder): BackboneSpec {
  const spec = parseModelSpec(folder.config, configPath(folder.path));
  assert.ok(isLanguageModel(spec) || isHeaded(spec));
  return spec;
}
