/** A tokenizer of its own texts: reading it, to ids and back. */
import "./permissions.ts";
import { trainByteLevelBpe, writeTokenizer } from "../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../lib/data/tokenizer.ts";
import { sampleWorldCorpus } from "../lib/data/world/sample_world_corpus.ts";
import { Once } from "./once.ts";

const [count, vocabSize] = [1000, 1024];

/** A tokenizer in a temporary folder, and texts for it. */
interface Texts extends AsyncDisposable {
  readonly folder: string;
  readonly tokenizer: Tokenizer;
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
}

const opened = new Once<Texts>();

async function openTexts(): Promise<Texts> {
  const { texts } = sampleWorldCorpus({ seed: 0, texts: count });
  const folder = await Deno.makeTempDir({ prefix: "armature-" });
  const remove = () => Deno.removeSync(folder, { recursive: true });
  globalThis.addEventListener("unload", remove);
  await writeTokenizer(folder, trainByteLevelBpe(texts, { vocabSize }));
  const tokenizer = await loadTokenizer(folder);
  const ids = texts.map((text) => tokenizer.encode(text));
  return {
    folder,
    tokenizer,
    texts,
    ids,
    [Symbol.asyncDispose]: () => {
      globalThis.removeEventListener("unload", remove);
      return Deno.remove(folder, { recursive: true });
    },
  };
}

const works: Readonly<Record<string, (texts: Texts) => unknown>> = {
  "to ids": ({ tokenizer, texts }) => texts.map((text) => tokenizer.encode(text)),
  "back to text": ({ tokenizer, ids }) => ids.map((each) => tokenizer.decode(each)),
  "reading the tokenizer": ({ folder }) => loadTokenizer(folder),
  "training it": ({ texts }) => trainByteLevelBpe(texts, { vocabSize }),
};
for (const [name, work] of Object.entries(works)) {
  Deno.bench({
    name,
    group: `tokenizing ${count} short texts`,
    baseline: name === "to ids",
    warmup: 2,
    n: 10,
    async fn(b) {
      const texts = await opened.get("texts", openTexts);
      b.start();
      await work(texts);
      b.end();
    },
  });
}
