import { tokenizerFiles } from "../weights/side_files.ts";
import { fetchRepository, type HubOptions } from "../weights/hub.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/**
 * Loads the tokenizer of a model on the hub.
 *
 * @throws {Error} one sentence, if it is not there or the network cannot be used.
 */
export async function fetchTokenizer(name: string, options: HubOptions = {}): Promise<Tokenizer> {
  const folder = await fetchRepository({ kind: "model", name }, (files) => {
    const chosen = files.filter((file) => file === "config.json" || tokenizerFiles.includes(file));
    if (chosen.includes("tokenizer.json")) return chosen;
    throw new Error("it has no tokenizer.json: name another model for the tokenizer");
  }, options);
  return await loadTokenizer(folder);
}
