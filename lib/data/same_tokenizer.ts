import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/**
 * Makes sure that the models of some folders have a tokenizer that is already loaded.
 *
 * @param name what errors call the place that it comes from: a folder, a name on the hub.
 * @throws {Error} if one has another; the message names the first id that differs.
 */
export async function requireSameTokenizer(
  tokenizer: Tokenizer,
  name: string,
  folders: readonly string[],
): Promise<void> {
  for (const folder of new Set(folders)) {
    const difference = tokenizerDifference(tokenizer, await loadTokenizer(folder));
    if (difference !== undefined) {
      throw new Error(
        `'${name}' and '${folder}' have different tokenizers (${difference}), so use models that share one`,
      );
    }
  }
}

/** Where two tokenizers differ first, as "token 5 is "a" in the one and "b" in the other"; undefined if nowhere. */
export function tokenizerDifference(one: Tokenizer, other: Tokenizer): string | undefined {
  const ids = Math.max(one.vocabSize, other.vocabSize);
  for (let id = 0; id < ids; id++) {
    const [token, otherToken] = [spelling(one, id), spelling(other, id)];
    if (token !== otherToken) {
      return `token ${id} is ${token} in the one and ${otherToken} in the other`;
    }
  }
  return undefined;
}

/** A token as an error shows it; ids may have gaps. */
function spelling(tokenizer: Tokenizer, id: number): string {
  try {
    return JSON.stringify(tokenizer.token(id));
  } catch {
    return "missing";
  }
}
