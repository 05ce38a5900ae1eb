import type { WeightsFile } from "./weights_file.ts";

/** Hugging Face saves a backbone by itself without the name of the module that holds it in a language model. */
const moduleOfBackbone = /^(model|gpt_neox)\./;

/**
 * The name under which a file has a parameter: its own, or that with the names of modules before it, as wrappers
 * (`module.`, `_orig_mod.`) and models around a backbone (`transformer.`) put them there, or without that of the backbone's own
 * module; undefined if there is none.
 *
 * @throws {TypeError} if there are several, as in a file of two models.
 */
export function storedName({ path, tensors }: WeightsFile, name: string): string | undefined {
  if (tensors.has(name)) return name;
  const bare = name.replace(moduleOfBackbone, "");
  for (const wanted of new Set([name, bare])) {
    if (tensors.has(wanted)) return wanted;
    const found = [...tensors.keys()].filter((stored) => stored.endsWith(`.${wanted}`));
    if (found.length > 1) {
      throw new TypeError(
        `'${path}' has several tensors that could be ${name}: ${
          found.join(", ")
        }; keep one model in the file.`,
      );
    }
    if (found.length === 1) return found[0];
  }
  return undefined;
}

/** What is wrong with a file that lacks a parameter, and which there are. */
export function missingTensor({ path, tensors }: WeightsFile, name: string): Error {
  const names = [...tensors.keys()];
  const listed = names.slice(0, 4).join(", ") + (names.length > 4 ? ", …" : "");
  return new Error(
    `'${path}' has no tensor ${name}, which the model needs; its ${names.length} tensors are ${listed}.`,
  );
}
