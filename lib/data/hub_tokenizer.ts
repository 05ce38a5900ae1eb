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
    const tokenizer = await AutoTokenizer.from_pretrained(name, pretrainedOptions(options)).catch(
      (cause) => {
        // transformers.js goes on without the files that it did not find
        const lacking = cause instanceof TypeError && cause.message.includes("tokenizer_class");
        if (!lacking) throw cause;
        throw new Error("it has no tokenizer there, or the hub cannot be reached", { cause });
      },
    );
    return tokenizerOf(tokenizer as HuggingFaceTokenizer, name);
  });
}
