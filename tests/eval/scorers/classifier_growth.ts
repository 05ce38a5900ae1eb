import { openTransformersClassifier } from "../../../lib/eval/scorers/transformers_classifier.ts";

/** Prints by how many MB this process's memory grows while 10,000 texts are scored. */
const [folder] = Deno.args;
await using scorer = await openTransformersClassifier(folder);
const texts = Array.from({ length: 200 }, (_, i) => `good film ${i}`);
await scorer.score(texts);
const before = Deno.memoryUsage().rss;
for (let i = 0; i < 50; i++) await scorer.score(texts);
console.log((Deno.memoryUsage().rss - before) / 2 ** 20);
