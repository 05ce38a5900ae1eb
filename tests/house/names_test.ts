import assert from "node:assert/strict";
import { architectures } from "../../lib/models/architectures.ts";
import { methods } from "../../lib/methods/mod.ts";
import { sourceFiles, withoutComments } from "./source_files.ts";

/** Where code outside of `lib/models` names an architecture, and why. */
const namingArchitectures: Readonly<Record<string, string>> = {
  "lib/cli/generate.ts": "an example in the help",
  "lib/cli/import.ts": "an example in the help",
  "lib/cli/reproduce_efficiency.ts": "the shapes of the paper's experiment, in the help",
  "lib/cli/train_lm.ts": "the help says what is trained from scratch",
  "lib/data/byte_level_bpe.ts": "the class of tokenizers that its files are for",
  "lib/data/corpora/openwebtext_sentiment_prompts.ts": "who wrote the texts",
  "lib/data/older_tokenizer.ts": "classes of published tokenizers",
  "lib/data/tokenizer_files.ts": "classes of published tokenizers",
  "lib/eval/scorers/mod.ts": "what a user may name as a scorer",
  "lib/experiments/": "experiments of the paper",
  "lib/methods/checkpoint_names.ts": "classes of published checkpoints",
  "lib/methods/import_checkpoint.ts": "classes of published checkpoints, in the help",
  "lib/tokenization/": "classes of published tokenizers",
  "lib/weights/gguf/": "names of tokenizers in published files",
  "lib/weights/pretrained/": "models that commands find by name",
  "lib/weights/stored_name.ts": "modules of published weights",
};

/** Where code outside of `lib/methods` names a method, and why. */
const namingMethods: Readonly<Record<string, string>> = {
  "lib/charts/singular_values.ts": "figures of the paper: the rank that an ARM can hold",
  "lib/cli/demo.ts": "a system of the demo",
  "lib/cli/import.ts": "an example in the help",
  "lib/data/corpora/": "who published the texts",
  "lib/data/paper_numbers.ts": "tables of the papers",
  "lib/experiments/": "experiments of the paper",
  "lib/types.ts": "types of the public surface",
};

async function naming(words: RegExp, home: string): Promise<string[]> {
  const files = await sourceFiles("lib");
  return [...files.keys()]
    .filter((path) => !path.startsWith(home) && words.test(withoutComments(files.get(path)!)))
    .sort();
}

/** Checks that all who name something are allowed to, and that all who are allowed to do. */
function checkNaming(found: readonly string[], allowed: Readonly<Record<string, string>>): void {
  const ofAllowed = (path: string) =>
    Object.keys(allowed).find((place) =>
      place.endsWith("/") ? path.startsWith(place) : path === place
    );
  assert.deepEqual(found.filter((path) => ofAllowed(path) === undefined), []);
  assert.deepEqual([...new Set(found.map(ofAllowed))].sort(), Object.keys(allowed).sort());
}

const families = "gpt.?2|gpt.?neo|llama|mistral|qwen|smollm|gemma|\\bopt\\b|bert";

Deno.test("outside of lib/models no architecture is named, but where a user names it", async () => {
  const types = architectures.flatMap(({ modelTypes }) => modelTypes);
  assert.deepEqual(types.filter((type) => !new RegExp(families, "i").test(type)), []);
  checkNaming(await naming(new RegExp(families, "i"), "lib/models/"), namingArchitectures);
});

Deno.test("outside of lib/methods no method is named, but where a user names it", async () => {
  // arguments of commands, and the command that changes folders, are other things
  const kinds = methods().map(({ kind }) => kind).filter((kind) => !["args", "cd"].includes(kind));
  // as a word, or as one of several in a name: rad, radOptions, RadOptions
  const lower = `\\b(${kinds.join("|")})(?![a-z0-9])`;
  const names =
    "(?<![a-z])(Arm|Rad|Fudge|Gedi|GeDi|Dexperts|DExperts|Rectification|GenARM|FaRMA|Pplm|PPLM|(ARM|RAD|FUDGE|ARGS)(?![A-Z]))(?![a-z])";
  checkNaming(await naming(new RegExp(`${lower}|${names}`), "lib/methods/"), namingMethods);
});
