import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Tokenizer } from "../../../lib/data/tokenizer.ts";
import { byText } from "../../../lib/methods/by_text/by_text.ts";
import { modelSpecJson } from "../../../lib/methods/model_spec.ts";
import { openRewardModel } from "../../../lib/methods/open_reward_model.ts";
import type { JsonObject } from "../../../lib/tokenization/json.ts";
import { Tokenization } from "../../../lib/tokenization/tokenization.ts";
import { integers } from "../../../lib/runtime/value.ts";
import { cpu, floatsOf, largestDifference } from "../../run_graph.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { WholeTextModel } from "../../whole_text_model.ts";
import { moveOn } from "../reading_property.ts";
import { type Kind, loadTrained, trainedTokenizers, writeModel } from "./two_tokenizers.ts";

const { base: baseJson } = trainedTokenizers;
const baseTokens = Object.keys(baseJson.model.vocab).length;
const sentence = new Tokenization(baseJson as unknown as JsonObject).encode(
  "the film was good, a filmmaker's film: naïve 日本 films 🙂",
);
/** Tokens that make words together, and others: parts of characters, and the end of the text. */
const token = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...sentence) },
  { weight: 1, arbitrary: fc.nat(baseTokens - 1) },
  { weight: 1, arbitrary: fc.constant(baseTokens - 1) },
);
const prompt = fc.oneof(
  fc.array(token, { maxLength: 8 }),
  fc.tuple(fc.nat(sentence.length), fc.nat(12)).map(([from, count]) =>
    sentence.slice(from, from + count)
  ),
);
const rows = fc.array(fc.nat(), { minLength: 1, maxLength: 4 });

/** What is rated: the characters that the tokens write, without the bytes of one that is not complete. */
function textOf(tokenizer: Tokenizer, ids: readonly number[]): string {
  const bytes = ids.filter((id) => id !== tokenizer.endOfText).flatMap((id) => [
    ...tokenizer.bytes!(id)!,
  ]);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes), {
    stream: true,
  });
}

/** Those that read every candidate take a call for each, but for those that are the same text. */
const kinds = [
  "arm",
  "rad",
  "fudge",
  "gedi",
  "args",
  "cd",
  "farma",
] as const satisfies readonly Kind[];

for (const kind of kinds) {
  Deno.test(`${kind} by text rates the whole text with each candidate, whatever was read before`, async () => {
    await withTemporaryFolder(async (folder) => {
      const path = await writeModel(folder, kind, "own");
      const { base, own } = await loadTrained(folder);
      const readsCandidates = ["rad", "fudge", "args", "cd"].includes(kind);
      await using whole = await WholeTextModel.open(path);
      await using model = byText(await openRewardModel(path, cpu), {
        own,
        base,
        rule: "text",
        difference: "",
      });
      const ownOf = (text: string) => {
        const ids = own.encode(text);
        const last = ids.pop() ?? own.endOfText;
        return { ids, last };
      };
      /** As the model reads it where nothing is kept. */
      const callsOf = (texts: readonly string[]) => {
        const ways = texts.map((text) => ownOf(text)).map(({ ids, last }) =>
          readsCandidates ? `${ids} ${last}` : `${ids}`
        );
        return new Set(ways).size * (kind === "gedi" ? 2 : 1);
      };
      await fc.assert(
        fc.asyncProperty(
          fc.array(prompt, { minLength: 1, maxLength: 3 }),
          fc.integer({ min: 1, max: 4 }),
          fc.array(
            fc.record({
              candidates: fc.array(token, { minLength: 16, maxLength: 16 }),
              rowsBefore: rows,
              places: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
              rowsAfter: rows,
            }),
            { minLength: 1, maxLength: 4 },
          ),
          async (prompts, k, moves) => {
            using reading = await model.start(prompts);
            let texts: readonly (readonly number[])[] = prompts;
            let calls = 0;
            for (const { candidates, ...move } of moves) {
              const asked = texts.map((_, row) => candidates.slice(row * k, (row + 1) * k));
              const rated = await reading.rate(integers([texts.length, k], asked.flat()));
              assert.deepEqual(rated.dims, [texts.length, model.labels.length, k]);
              const rows = texts.map((ids, row) =>
                asked[row].map((id) => textOf(base, [...ids, id]))
              );
              calls += rows.reduce((sum, row) => sum + callsOf(row), 0);
              assert.equal(reading.backboneCalls, calls);
              const expected: number[] = [];
              for (const row of rows) {
                const scored: number[][] = [];
                for (const { ids, last } of row.map(ownOf)) {
                  scored.push((await whole.rewards([ids], [[last]]))[0][0]);
                }
                model.labels.forEach((_, label) =>
                  expected.push(...scored.map((labels) => labels[label]))
                );
              }
              const largest = Math.max(1, ...expected.map(Math.abs));
              assert.ok(largestDifference(floatsOf(rated), expected) <= 3e-5 * largest);

              texts = await moveOn(reading, texts, asked, move);
            }
          },
        ),
        { numRuns: 30, seed: 1 },
      );
    });
  });
}

Deno.test("a model reads as text only where its tokenizer is not the base model's", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeModel(folder, "arm", "own");
    const { base, own } = await loadTrained(folder);
    await using same = await openRewardModel(path, cpu, { baseTokenizer: own });
    assert.ok(same.part && !same.byText);
    await using other = await openRewardModel(path, cpu, { baseTokenizer: base });
    assert.ok(!other.part);
    assert.match(other.byText!.difference, /^token \d+ is ".+" in the one and ".+" in the other$/);
    await assert.rejects(
      openRewardModel(path, cpu, { baseTokenizer: base, retokenize: "never" }),
      /^Error: The base model and '.*arm-own' have different tokenizers \(token .*\), so use models that share one\.$/,
    );
    await assert.rejects(
      openRewardModel(path, cpu, { retokenize: "text" }),
      /^TypeError: openRewardModel: 'retokenize' is of models whose tokenizer is not the base model's: give that as 'baseTokenizer'\.$/,
    );
  });
});

Deno.test("DExperts and GenARM, whose scores compare next tokens, are refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const expert = await writeModel(folder, "lm", "own");
    const spec = {
      kind: "dexperts",
      labels: ["kind"],
      expert: "lm-own",
      antiexpert: "lm-own",
    } as const;
    await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(modelSpecJson(spec)));
    await Deno.copyFile(join(expert, "tokenizer.json"), join(folder, "tokenizer.json"));
    const { base } = await loadTrained(folder);
    for (const path of [folder, await writeModel(folder, "genarm", "own")]) {
      await assert.rejects(
        openRewardModel(path, cpu, { baseTokenizer: base }),
        /^TypeError: A model of kind (dexperts|genarm) rates tokens and no texts, so it must share the base model's tokenizer, and does not \(token [^\n]*\): use models that share one\.$/,
      );
    }
  });
});
