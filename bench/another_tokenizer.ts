import { choice, command, positiveInteger, runCommand } from "../lib/cli/command.ts";
import { readTexts } from "../lib/data/texts.ts";
import { loadTokenizer } from "../lib/data/tokenizer.ts";
import { constant } from "../lib/graph/tensor.ts";
import { rewardModelOf } from "../lib/methods/open_reward_model.ts";
import { byText } from "../lib/methods/by_text/by_text.ts";
import { gpt2Backbone } from "../lib/models/gpt2.ts";
import { integers } from "../lib/runtime/value.ts";

/** The share of texts that candidates are learnt from; the others are followed. */
const learnt = 0.9;
/** Tokens of a text that are its prompt. */
const promptTokens = 4;

/** How many backbone calls an ARM of another tokenizer takes for one step of one text. */
const anotherTokenizer = command(
  "another-tokenizer",
  "Backbone calls of an ARM whose tokenizer is not the base model's, a step, along texts, with candidates of a trigram model of " +
    "the base's tokens.",
)
  .requiredOption("--base <folder>", "where the base model's tokenizer is")
  .requiredOption("--own <folder>", "where the reward model's tokenizer is")
  .requiredOption("--texts <file>", "texts, one a line, or a table")
  .option("--top-k <n>", "candidates a step", positiveInteger, 20)
  .option("--max-texts <n>", "texts that are followed", positiveInteger, 100)
  .addOption(
    choice("--retokenize <what>", "what is made into tokens", ["text", "candidate"] as const)
      .default("text" as const),
  )
  .option("--json", "a JSON object")
  .action(
    async ({ base: baseFolder, own: ownFolder, texts: file, topK, maxTexts, retokenize, json }) => {
      const [base, own] = [await loadTokenizer(baseFolder), await loadTokenizer(ownFolder)];
      const texts = (await readTexts([file])).map((text) => base.encode(text));
      const cut = Math.floor(learnt * texts.length);
      const trigrams = new Trigrams(texts.slice(0, cut));
      const backbone = gpt2Backbone({
        vocabulary: own.vocabSize,
        context: 1024,
        width: 8,
        layers: 1,
        heads: 1,
      });
      const arm = rewardModelOf(
        { kind: "arm", backbone, labels: ["label"], baseline: true },
        zeroed,
        {
          name: "cpu",
        },
      );
      await using model = byText(arm, { own, base, rule: retokenize, difference: "" });

      let steps = 0;
      let calls = 0;
      for (const ids of texts.slice(cut, cut + maxTexts)) {
        if (ids.length <= promptTokens) continue;
        using reading = await model.start([ids.slice(0, promptTokens)]);
        for (let i = promptTokens; i < ids.length; i++) {
          const candidates = trigrams.likeliest(ids.slice(0, i), topK);
          // the text goes on as it does, whether that is likely or not
          if (!candidates.includes(ids[i])) candidates[topK - 1] = ids[i];
          await reading.rate(integers([1, topK], candidates));
          await reading.accept([ids[i]], [candidates.indexOf(ids[i])]);
          steps++;
        }
        calls += reading.backboneCalls;
      }
      const result = {
        benchmark: "another-tokenizer",
        top_k: topK,
        retokenize,
        steps,
        calls_per_step: Number((calls / steps).toFixed(2)),
      };
      console.log(
        json
          ? JSON.stringify(result)
          : `${result.calls_per_step} backbone calls a step, of ${steps} steps with ${topK} candidates`,
      );
    },
  );

/** Weights do not matter to a count. */
function zeroed(_name: string, shape: readonly number[]) {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return constant("float32", shape, new Float32Array(size));
}

/** The tokens that followed two tokens most often, then those that followed one, then the most frequent. */
class Trigrams {
  readonly #followers = new Map<string, Map<number, number>>();

  constructor(texts: readonly (readonly number[])[]) {
    for (const ids of texts) {
      ids.forEach((id, i) => {
        for (const before of contexts(ids.slice(0, i))) {
          const counts = this.#followers.get(before) ?? new Map<number, number>();
          counts.set(id, (counts.get(id) ?? 0) + 1);
          this.#followers.set(before, counts);
        }
      });
    }
  }

  likeliest(ids: readonly number[], k: number): number[] {
    const found = new Set<number>();
    for (const before of contexts(ids)) {
      if (found.size === k) break;
      const counts = [...this.#followers.get(before) ?? []].sort(([, a], [, b]) => b - a);
      for (const [id] of counts) {
        if (found.size === k) break;
        found.add(id);
      }
    }
    return [...found];
  }
}

/** What a token can follow: the last two tokens, the last one, anything. */
function contexts(ids: readonly number[]): string[] {
  return [2, 1, 0].filter((count) => count <= ids.length).map((count) =>
    ids.slice(ids.length - count).join()
  );
}

await runCommand(anotherTokenizer);
