import { fromHub, type HubOptions, pretrainedOptions } from "../weights/hub.ts";
import { type HuggingFaceTokenizer, type Tokenizer, tokenizerOf } from "./tokenizer.ts";

/**
 * Loads the tokenizer of a model on the hub.
 *
 * @throws {Error} one sentence, if it is not there or the network cannot be used.
 */
export async function fetchTokenizer(name: string, options: HubOptions = {}): Promise<Tokenizer> {
  return await fromHub(name, async () => {
    const { AutoTokenizer } = await import("@huggingface/transformers");
    const tokenizer = await AutoTokenizer.from_pretrained(name, pretrainedOptions(options));
    return tokenizerOf(tokenizer as HuggingFaceTokenizer, name);
  });
}
