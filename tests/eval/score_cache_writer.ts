import { ScoreCache } from "../../lib/eval/score_cache.ts";

/** Stores scores until it is killed, or as many as it is told to, and says after each that it is stored. */
const [path, name, count] = Deno.args;
using cache = ScoreCache.open(path);
for (let i = 0; i < Number(count); i++) {
  cache.store(
    { name: "judge", version: "1", labels: ["kind"] },
    [{ text: `${name} ${i}`, scores: [i % 101 / 100] }],
  );
  console.log(i);
}
