import { filesNamed } from "./choose_files.ts";
import { type Choose, fetchRepository } from "./fetch_repository.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { checkArgument, settle } from "../../options/settle.ts";
import {
  adapterFiles,
  generationFile,
  olderTokenizerFiles,
  sentenceFiles,
  tokenizerFiles,
} from "../side_files.ts";
import { hubOptions } from "./hub_options.ts";

/** What `fetchModel` and `fetchDataset` take. */
export const fetchOptions = {
  ...hubOptions,
  files: {
    type: "list",
    of: { type: "text" },
    flag: "file",
    placeholder: "path",
    defaultHelp: "what is needed to use it",
    help: "paths of the files, in which * stands for any text",
  },
} as const satisfies OptionTable;
export type FetchOptions = OptionsOf<typeof fetchOptions>;

/**
 * Fetches a model from a Hugging Face hub into the cache that other tools share. By default these files: config.json,
 * the weights (`model.safetensors` or else `pytorch_model.bin`, whole or in parts; or an adapter), those of the tokenizer, and those of
 * sentence-transformers.
 *
 * @example
 * ```ts
 * const folder = await fetchModel("openai-community/gpt2", { revision: "main" });
 * await using base = await openBaseModel(folder, await openDevice("cpu"));
 * ```
 *
 * @returns the folder of the snapshot. What is there already is not fetched again.
 * @throws {Error} one sentence that says what to do, if it cannot be had.
 */
export async function fetchModel(name: string, options: FetchOptions = {}): Promise<string> {
  checkArgument("fetchModel", "name", { type: "text" }, name);
  settle("fetchModel", fetchOptions, options);
  const { files, ...hub } = options;
  return await fetchRepository(
    { kind: "model", name },
    files ? filesNamed(files) : modelFiles,
    hub,
  );
}

/** Where weights can be, the best place first. */
const weights = [
  /^model\.safetensors$/,
  /^model(\.safetensors\.index\.json|-\d+-of-\d+\.safetensors)$/,
  /^pytorch_model\.bin$/,
  /^pytorch_model(\.bin\.index\.json|-\d+-of-\d+\.bin)$/,
];

/** The files that a model is used with. */
export const modelFiles: Choose = (files) => {
  const isOlder = !files.includes("tokenizer.json");
  const isBeside = (file: string) =>
    file === generationFile || tokenizerFiles.includes(file) || sentenceFiles.test(file) ||
    (isOlder && olderTokenizerFiles.includes(file));
  if (adapterFiles.every((file) => files.includes(file))) {
    return [...adapterFiles, ...files.filter((file) => file === "config.json" || isBeside(file))];
  }
  const place = weights.find((names) => files.some((file) => names.test(file)));
  if (!files.includes("config.json") || !place) {
    throw new Error(
      `it has no ${
        place ? "config.json" : "model.safetensors or pytorch_model.bin"
      }: name the files that are wanted`,
    );
  }
  return [
    "config.json",
    ...files.filter(isBeside),
    ...files.filter((file) => place.test(file)),
  ];
};
