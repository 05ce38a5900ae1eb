import { corpusNamed } from "../../lib/data/corpora/mod.ts";
import { streamCorpus } from "../../lib/data/corpora/read_corpus.ts";
import { describeTexts, wordLength } from "../../lib/data/describe_texts.ts";

/** Prints how many rows each CSV has, and the most memory that this process had while it was described. */
const corpus = corpusNamed("jigsaw-unintended-bias");
for (const path of Deno.args) {
  let peak = 0;
  const stream = streamCorpus(corpus, [path], {
    onBytes: () => peak = Math.max(peak, Deno.memoryUsage().rss),
  });
  const { rows } = await describeTexts(stream, corpus.labels, wordLength);
  console.log(JSON.stringify({ rows, peak }));
}
