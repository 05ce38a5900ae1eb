import { fetchModel, type FetchOptions } from "./fetch_model.ts";
import { isHubName } from "./hub_name.ts";

/**
 * The folder of a model: that of this path, if there is one, or else of the model of this name on the hub, which is
 * fetched. What can be neither is given back as it is, for the error of who opens it.
 *
 * @throws {Error} one sentence, if it cannot be fetched.
 */
export async function modelAt(nameOrFolder: string, options: FetchOptions = {}): Promise<string> {
  const isThere = await Deno.stat(nameOrFolder).then(() => true, () => false);
  return !isThere && isHubName(nameOrFolder)
    ? await fetchModel(nameOrFolder, options)
    : nameOrFolder;
}
