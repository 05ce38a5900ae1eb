import { openTransformersBase } from "../../lib/bases/transformers_base.ts";
import { cpu } from "../run_graph.ts";

/** Prints by how many MB this process's memory grows over 30 batches. The caches of one come to about 15 MB. */
const [exported] = Deno.args;
await using base = await openTransformersBase(exported, cpu);
const prompts = Array.from({ length: 50 }, (_, i) => Array<number>(1 + i % 8).fill(i));
const rows = Array.from({ length: 400 }, (_, i) => i % prompts.length);

async function batch(): Promise<void> {
  using reading = await base.start(prompts, 5);
  await reading.select(rows);
  for (let step = 0; step < 12; step++) await reading.step(rows);
}

for (let i = 0; i < 10; i++) await batch();
const before = Deno.memoryUsage().rss;
for (let i = 0; i < 30; i++) await batch();
console.log((Deno.memoryUsage().rss - before) / 2 ** 20);
