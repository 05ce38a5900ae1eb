import assert from "node:assert/strict";
import { join } from "node:path";
import { onTinyDisk, tinyDiskAllowed } from "../tiny_disk.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { outcomeOf, refuse, startTask } from "./run_task.ts";
import { filesIn, tinySizes, writeTinyModels } from "./tiny_inputs.ts";

/** Runs `test` with tiny models in a folder, all of whose files must stay as they are. */
async function unchanged(
  test: (models: { folder: string; base: string; arm: string }) => Promise<void>,
  prepare: (models: { folder: string; base: string; arm: string }) => Promise<void> = () =>
    Promise.resolve(),
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const models = { folder, ...await writeTinyModels(folder) };
    await prepare(models);
    const before = await filesIn(folder);
    await test(models);
    assert.deepEqual(await filesIn(folder), before);
  });
}

/** A file of this content. */
async function write(path: string, content: string | Uint8Array): Promise<string> {
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  return path;
}

const cpu = ["--device", "cpu"];

Deno.test("bad texts and labels are refused with file and line, and a model there stays as it is", async () => {
  const latin1 = Uint8Array.of(...new TextEncoder().encode("text\tlabel\nfine\t1\ncaf"), 0xe9, 10);
  const cases: [string, string | Uint8Array, RegExp][] = [
    ["range.tsv", "text\tlabel\nfine\t1\nbad\t1.5\n", /line 3 has the label 1\.5 .*from 0 to 1/],
    ["kind.tsv", "text\tlabel\nfine\tyes\n", /line 2 has the label "yes"/],
    ["missing.tsv", "text\tlabel\nfine\t1\nbad\t\n", /line 3 has no label in column 'label'/],
    ["columns.tsv", "words\tlabel\nfine\t1\n", /no column 'text' or 'sentence'.* 'words', 'label'/],
    ["latin1.tsv", latin1, /line 3 is not UTF-8/],
    ["empty.tsv", "", /it is empty/],
    ["broken.parquet", "PAR1", /it is not valid Parquet/],
    ["broken.jsonl", '{"text":"fine","label":1}\n{"text":\n', /line 2 is not a JSON object/],
  ];
  await withTemporaryFolder(async (data) => {
    await unchanged(async ({ base, arm }) => {
      for (const [name, content, reason] of cases) {
        const file = await write(join(data, name), content);
        const reward = ["reward", "--kind", "arm", "--base", base, "--out", arm, ...cpu];
        await refuse(1, reason, "train", ...reward, "--data", file);
      }
      const text = await write(join(data, "empty.txt"), "\n\n");
      const lm = ["lm", "--out", base, ...tinySizes];
      await refuse(1, /empty\.txt'.* has no text/, "train", ...lm, "--text", text);
      await refuse(1, /there is no such file/, "train", ...lm, "--text", join(data, "none.txt"));
    });
  });
});

Deno.test("broken model folders and checkpoints are refused", async () => {
  await withTemporaryFolder(async (data) => {
    const labelled = await write(join(data, "a.tsv"), "text\tlabel\na film\t1\nthe film\t0\n");
    await unchanged(async ({ folder, base, arm }) => {
      const train = ["train", "reward", "--kind", "arm", "--data", labelled, ...cpu] as const;
      const generate = ["generate", "--prompt", "a", ...cpu, "--base"] as const;
      const out = ["--out", join(folder, "run")];
      const [truncated, huge] = ["truncated", "huge"].map((name) => join(folder, name));

      await refuse(
        1,
        /model\.safetensors'/,
        ...train,
        "--out",
        join(folder, "new"),
        "--base",
        truncated,
      );
      await refuse(1, /model\.safetensors'/, ...generate, huge);
      await refuse(1, /there is no such folder/, ...generate, join(folder, "none"));
      await refuse(1, /reward model \(arm\), not a language model/, ...generate, arm);
      await refuse(1, /language model, not a reward model/, ...generate, base, "--reward", base);

      const run = [...train, ...out, "--base", base] as const;
      await refuse(1, /'.*run' holds the checkpoint of a run that did not end/, ...run);
      await refuse(1, /checkpoint\.safetensors'/, ...run, "--resume");
    }, async ({ folder, base }) => {
      const weights = await Deno.readFile(join(base, "model.safetensors"));
      const broken = {
        truncated: weights.subarray(0, weights.length - 100),
        huge: Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123, 125),
      };
      for (const [name, bytes] of Object.entries(broken)) {
        await Deno.mkdir(join(folder, name));
        for (const file of ["config.json", "tokenizer.json", "tokenizer_config.json"]) {
          await Deno.copyFile(join(base, file), join(folder, name, file));
        }
        await write(join(folder, name, "model.safetensors"), bytes);
      }
      await Deno.mkdir(join(folder, "run"));
      await write(join(folder, "run", "checkpoint.safetensors"), "not a checkpoint");
    });
  });
});

Deno.test("prompts, candidates and rewards that do not fit the models are refused", async () => {
  await unchanged(async ({ folder, base, arm }) => {
    const generate = ["generate", "--base", base, "--prompt", "a film", ...cpu] as const;
    const steer = ["--reward", arm] as const;
    await refuse(1, /top 401 of 400 tokens/, ...generate, "--k", "401");
    await refuse(1, /only 9 fit/, ...generate, "--max-tokens", "30", "--prompt", "a".repeat(99));
    await refuse(1, /choose with --label among positive, rude/, ...generate, ...steer);
    await refuse(1, /has no label 'kind'/, ...generate, ...steer, "--label", "kind");
    const other = ["--reward", join(folder, "other"), "--label", "rude", "--retokenize", "never"];
    await refuse(1, /different tokenizers \(token 7 is "\(".* and "ĸ" in /, ...generate, ...other);
  }, async ({ folder, arm }) => {
    await Deno.mkdir(join(folder, "other"));
    for await (const { name } of Deno.readDir(arm)) {
      await Deno.copyFile(join(arm, name), join(folder, "other", name));
    }
    const path = join(folder, "other", "tokenizer.json");
    const tokenizer = JSON.parse(await Deno.readTextFile(path));
    const [token] = Object.entries(tokenizer.model.vocab).find(([, id]) => id === 7)!;
    delete tokenizer.model.vocab[token];
    tokenizer.model.vocab["ĸ"] = 7;
    await Deno.writeTextFile(path, JSON.stringify(tokenizer));
  });
});

Deno.test({
  name: "a full disk stops training and generating, and leaves the files there as they were " +
    "(needs to mount a small disk)",
  ignore: !tinyDiskAllowed,
  async fn() {
    await unchanged(async ({ folder, base }) => {
      await onTinyDisk(async (disk) => {
        const model = await write(join(disk, "model.safetensors"), new Uint8Array(24_000));
        const texts = await write(join(disk, "texts.jsonl"), "{}\n");
        const before = await filesIn(disk);
        const data = join(folder, "prompts.txt");
        const { code, stderr } = await outcomeOf(
          startTask("generate", [
            ...["--base", base, ...cpu, "--prompts", data, "--n", "100"],
            ...["--out", texts, "--overwrite"],
          ]),
        );
        assert.equal(code, 1);
        assert.match(
          stderr,
          /^\d+ of 40 prompts were finished: [^\n]+\nerror: [^\n]+ the disk is full[^\n]+\n$/,
        );
        await Deno.remove(`${texts}.partial`);
        assert.deepEqual(await filesIn(disk), before);
        const train = await outcomeOf(
          startTask("train", [
            ...["reward", "--kind", "rad", "--data", join(folder, "a.tsv"), ...cpu],
            ...["--base", base, "--out", disk, "--max-steps", "1"],
          ]),
        );
        assert.equal(train.code, 1);
        assert.match(
          train.stderr,
          /^Training takes about [^\n]+\nerror: [^\n]+\.safetensors': the disk is full[^\n]+\n$/,
        );
        assert.deepEqual((await filesIn(disk)).get(model), before.get(model));
      });
    }, async ({ folder }) => {
      await write(join(folder, "prompts.txt"), "the film was\n".repeat(40));
      await write(join(folder, "a.tsv"), "text\tlabel\na film\t1\nthe film\t0\n");
    });
  },
});
