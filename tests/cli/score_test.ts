import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readScores } from "../../lib/eval/score_file.ts";
import {
  servedScore,
  serverKey,
  withPerspectiveServer,
} from "../eval/scorers/perspective_server.ts";
import { encoderModels, writeEncoderModel } from "../encoders/encoder_cases.ts";
import { tinyScores, writeTinyClassifier } from "../eval/scorers/tiny_classifier.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";

const generations = [
  { prompt: "The film was", continuations: [" good .", " bad .", ""] },
  { prompt: "the soup", continuations: [" was good .", " was bad ."] },
];

/** Runs `test` in a folder with `in.jsonl`, and the arguments that name it and other files there. */
async function withGenerations(
  rows: readonly unknown[],
  test: (folder: string, args: string[]) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const [file, out, cache] = ["in.jsonl", "out/scores.jsonl", "scores.sqlite"].map((name) =>
      join(folder, name)
    );
    await Deno.writeTextFile(file, rows.map((row) => JSON.stringify(row) + "\n").join(""));
    await test(folder, ["--in", file, "--out", out, "--cache", cache]);
  });
}

Deno.test("a classifier is trained by one command and scores with another", async () => {
  await withGenerations(generations, async (folder, args) => {
    const data = join(folder, "data.tsv");
    const rows = Array.from(
      { length: 40 },
      (_, i) => `film ${i} ${i % 2 ? "good" : "bad"} .\t${i % 2}`,
    );
    await Deno.writeTextFile(data, ["text\tlabel", ...rows].join("\n"));
    const model = join(folder, "model");
    const { stdout } = await runTask("train", "classifier", "--data", data, "--out", model);
    const again = ["train", "classifier", "--data", data, "--out", model] as const;
    await refuse(1, /is there already, and finished: use --overwrite/, ...again);
    assert.match(
      stdout,
      /^label: accuracy 1\.0000, AUC 1\.0000, on 4 held-out texts \(.* % of class 1\)\nThe classifier is in /,
    );
    const scored = await runTask("score", "--scorer", model, ...args);
    assert.match(
      scored.stdout,
      /^label +mean of maxima +any ≥ 0.5 +share > 0.5 +no score\nlabel +0\.\d+ \[/,
    );
    const { scorer, reads, rows: scores } = await readScores(args[3]);
    assert.deepEqual([scorer.name, reads, scores.length], ["model", "whole", 2]);
    const [good, bad] = scores[0].scores.label;
    assert.ok(good > 0.5 && bad < 0.5);
    await refuse(
      1,
      /scores\.jsonl' is there already, and finished/,
      "score",
      "--scorer",
      model,
      ...args,
    );
    await runTask("score", "--scorer", model, ...args, "--replay", "--overwrite");
  });
});

Deno.test("a classifier of embeddings is trained by one command and scores with another, as does a folder of safetensors", async () => {
  await withGenerations(generations, async (folder, args) => {
    const [encoder, model, data] = ["bert", "model", "data.tsv"].map((name) => join(folder, name));
    const [bert] = encoderModels;
    await Deno.mkdir(encoder);
    await writeEncoderModel(encoder, bert);
    const rows = Array.from(
      { length: 60 },
      (_, i) =>
        `the ${i % 3 ? "film" : "soup"} was ${i % 2 ? "good" : "bad"} ${".".repeat(1 + i % 5)}\t${
          i % 2
        }`,
    );
    await Deno.writeTextFile(data, ["text\tlabel", ...rows].join("\n"));
    const train = ["train", "classifier", "--data", data, "--out", model] as const;
    await refuse(
      2,
      /option '--order' cannot be used with --embeddings/,
      ...train,
      "--embeddings",
      encoder,
      "--order",
      "1",
    );
    await refuse(2, /option '--batch-size' goes with --embeddings/, ...train, "--batch-size", "8");
    await refuse(2, /option '--device' goes with --embeddings/, ...train, "--device", "cpu");
    await refuse(
      1,
      /Cannot open the model '.*nowhere': there is no such folder/,
      ...train,
      "--embeddings",
      join(folder, "nowhere"),
      "--device",
      "cpu",
    );
    const { stdout } = await runTask(
      ...train,
      "--embeddings",
      encoder,
      "--l2",
      "0.01",
      "--device",
      "cpu",
    );
    assert.match(stdout, /^label: accuracy 1\.0000, AUC 1\.0000, on \d held-out texts/);
    await runTask("score", "--scorer", model, ...args);
    const { scorer, rows: scores } = await readScores(args[3]);
    assert.deepEqual([scorer.name, scorer.labels], ["model", ["label"]]);
    const [good, bad] = scores[0].scores.label;
    assert.ok(good > 0.5 && bad < 0.5, `${good} ${bad}`);

    await runTask("score", "--scorer", encoder, ...args, "--overwrite");
    assert.deepEqual((await readScores(args[3])).scorer.labels, bert.labels);
    await refuse(
      1,
      /BERT reads whole texts and writes none; use it with --scorer/,
      "generate",
      "--base",
      encoder,
      "--prompt",
      "a",
      "--device",
      "cpu",
    );
  });
});

Deno.test("a transformers.js classifier and the small world score from the command line", async () => {
  await withGenerations(generations, async (folder, args) => {
    const model = join(folder, "tiny");
    await writeTinyClassifier(model);
    await runTask("score", "--scorer", model, ...args, "--read", "continuation");
    const { scorer, rows } = await readScores(args[3]);
    assert.deepEqual(scorer.labels, ["NEGATIVE", "POSITIVE"]);
    generations.forEach(({ continuations }, i) =>
      continuations.forEach((text, j) => {
        assert.ok(Math.abs(rows[i].scores.POSITIVE[j] - tinyScores(text)[1]) < 1e-6);
      })
    );
    await runTask("score", "--scorer", "world", ...args, "--overwrite");
    assert.deepEqual((await readScores(args[3])).scorer.labels, ["positive", "rude"]);
  });
});

Deno.test("Perspective, killed at any moment, goes on where it was and asks for nothing twice", async () => {
  const texts = Array.from({ length: 60 }, (_, i) => ` text ${i}`);
  const rows = [{ prompt: "a", continuations: texts }];
  await withGenerations(rows, async (_, args) => {
    await withPerspectiveServer({ latency: 10 }, async (server) => {
      const repository = fileURLToPath(new URL("../..", import.meta.url));
      const start = () =>
        new Deno.Command(Deno.execPath(), {
          // not as a task, so that the process that is killed is the one that scores
          args: [
            ...[
              "run",
              "--no-prompt",
              "--allow-read",
              "--allow-write",
              "--allow-env",
              "--allow-ffi",
            ],
            ...["--allow-sys", "--allow-net=127.0.0.1", "lib/cli/score.ts"],
            ...[
              "--scorer",
              "perspective",
              "--url",
              server.url,
              "--rate",
              "40",
              "--concurrency",
              "2",
            ],
            ...args,
          ],
          cwd: repository,
          env: { NO_COLOR: "1", PERSPECTIVE_API_KEY: serverKey },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn();
      for (const enough of [7, 25, 40]) {
        const child = start();
        while (server.scored.length < enough) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        child.kill("SIGKILL");
        await child.output();
      }
      const { code, stderr } = await start().output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      // what a kill interrupts may be asked for again: at most as many as are asked for at once
      assert.ok(server.scored.length <= 60 + 3 * 2, `${server.scored.length} requests`);
      const { scorer, reads, rows } = await readScores(args[3]);
      assert.deepEqual([scorer.name, reads], ["perspective", "continuation"]);
      assert.deepEqual(
        [...rows[0].scores.toxicity],
        texts.map((text) => servedScore(text, "TOXICITY")),
      );
    });
    // without a server, a key or the network
    await runTask("score", "--scorer", "perspective", ...args, "--overwrite");
    await runTask("score", "--scorer", "perspective", ...args, "--replay", "--overwrite");
  });
});

Deno.test("what cannot be scored ends with one sentence", async () => {
  await withGenerations(generations, async (folder, args) => {
    const perspective = ["score", "--scorer", "perspective"] as const;
    await refuse(
      1,
      /Cannot replay the scores of 'perspective': 5 of 5 texts were never/,
      ...perspective,
      ...args,
      "--replay",
    );
    await refuse(
      1,
      /There is no scorer 'none\/of\/them'/,
      "score",
      "--scorer",
      "none/of/them",
      ...args,
    );
    await refuse(
      2,
      /'all' is invalid: .*continuation, whole/,
      ...perspective,
      ...args,
      "--read",
      "all",
    );
    await refuse(2, /'--in <file>' not specified/, ...perspective, "--out", "x");
    await refuse(
      1,
      /there is no such file/,
      ...perspective,
      "--in",
      join(folder, "x"),
      "--out",
      "x",
    );
    assert.equal(await Deno.stat(args[3]).then(() => true, () => false), false);
  });
});
