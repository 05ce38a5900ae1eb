import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

/**
 * Loads the tokenizer that the models of several folders share: in all of them every id is the same token, so that the
 * one model can rate what the other writes.
 *
 * @throws {Error} if they do not share one; the message names the first id that differs.
 */
export async function loadSameTokenizer(
  [folder, ...others]: readonly [string, ...string[]],
): Promise<Tokenizer> {
  const tokenizer = await loadTokenizer(folder);
  for (const other of new Set(others)) {
    const compared = await loadTokenizer(other);
    const ids = Math.max(tokenizer.vocabSize, compared.vocabSize);
    for (let id = 0; id < ids; id++) {
      const [token, otherToken] = [spelling(tokenizer, id), spelling(compared, id)];
      if (token !== otherToken) {
        throw new Error(
          `'${folder}' and '${other}' have different tokenizers (token ${id} is ${token} in the ` +
            `one and ${otherToken} in the other), so use models that share one`,
        );
      }
    }
  }
  return tokenizer;
}

/** A token as an error shows it; ids may have gaps. */
function spelling(tokenizer: Tokenizer, id: number): string {
  try {
    return JSON.stringify(tokenizer.token(id));
  } catch {
    return "missing";
  }
}
