import { filesNamed } from "./choose_files.ts";
import { checkArgument, settle } from "../../options/settle.ts";
import { type FetchOptions, fetchOptions } from "./fetch_model.ts";
import { fetchRepository } from "./fetch_repository.ts";

/**
 * Fetches a data set from a Hugging Face hub into the cache that other tools share: by default all of its files.
 *
 * @returns the folder of the snapshot. What is there already is not fetched again.
 * @throws {Error} one sentence that says what to do, if it cannot be had.
 */
export async function fetchDataset(name: string, options: FetchOptions = {}): Promise<string> {
  checkArgument("fetchDataset", "name", { type: "text" }, name);
  settle("fetchDataset", fetchOptions, options);
  const { files = ["*"], ...hub } = options;
  return await fetchRepository({ kind: "dataset", name }, filesNamed(files), hub);
}
