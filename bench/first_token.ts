/**
 * What `bench:decode loading` starts as a process of its own: opens the base model in the folder that is its argument
 * and generates one token of one prompt, 25 times. Prints one JSON object.
 */
import process from "node:process";
import { generate } from "../lib/decode/generate.ts";
import { openBaseModel } from "../lib/bases/own_base.ts";

await using base = await openBaseModel(Deno.args[0], { name: "cpu" });
const prompt = Array.from({ length: 10 }, (_, i) => i);
const began = performance.now();
const { tokens } = await generate(base, [prompt], { samples: 25, maxNewTokens: 1, ends: [] });
const now = performance.now();
console.log(JSON.stringify({
  tokens,
  peak_bytes: 1024 * process.resourceUsage().maxRSS,
  resident_bytes: Deno.memoryUsage().rss,
  load_and_first_token_s: (now - began) / 1000,
  // the clock began with the process
  start_to_first_token_s: now / 1000,
}));
