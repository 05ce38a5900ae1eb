import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { openBase } from "../../lib/bases/open_base.ts";
import { command, positiveInteger } from "../../lib/cli/command.ts";
import { generate } from "../../lib/decode/generate.ts";
import { openDevice } from "../../lib/runtime/device.ts";
import type { LlamaCppSetting } from "./llama_cpp.ts";
import { Peer } from "./peer.ts";
import { type Contender, timed, timedRow, timeRounds } from "./rounds.ts";

const prompt = 10;
const tokens = 20;
const usualSamples = [1, 25];

/** Decoding of a GGUF file, unguided. */
export const gguf = command(
  "gguf",
  "Decoding of a GGUF file, 20 new tokens after a prompt of 10, unguided, here and in llama.cpp.",
)
  .requiredOption("--model <file>", "a GGUF file")
  .option("--llama-cpp <dir>", "the folder that node-llama-cpp was installed in", ".")
  .option("--samples <n...>", "texts of a batch", samplesOf, usualSamples)
  .option("--rounds <n>", "how often each is timed", positiveInteger, 7)
  .option("--json", "one JSON object a line")
  .action(async ({ model, llamaCpp, samples, rounds, json }) => {
    const device = await openDevice("cpu");
    for (const each of samples) {
      const title = `${tokens} new tokens of ${each} texts of ${basename(model)}, unguided`;
      await using peer = await openLlamaCpp({
        folder: resolve(llamaCpp),
        model: resolve(model),
        ...{ prompt, samples: each, tokens, threads: navigator.hardwareConcurrency },
      });
      await using float32 = (await openBase(model, device)).base;
      await using kept = (await openBase(model, device, { keepBits: true })).base;
      if (!json) console.log(`\n${title}: median [range], and how many times faster the first is`);
      const contenders: Contender[] = [
        await contender("Armature float32", float32, each),
        await contender("Armature, the file's bits", kept, each),
        { name: "llama.cpp, the file's bits", round: () => peer.round() },
      ];
      for (const row of await timeRounds(contenders, rounds)) {
        console.log(json ? JSON.stringify({ title, peer: peer.about, ...row }) : timedRow(row));
      }
    }
  });

/** The first number takes the place of the usual ones. */
function samplesOf(text: string, before: readonly number[]): number[] {
  const counts = before === usualSamples ? [] : before;
  return [...counts, positiveInteger(text)];
}

/** Ours, greedily, after a round that is not timed. */
async function contender(name: string, base: BaseModel, samples: number): Promise<Contender> {
  const ids = Array.from({ length: prompt }, (_, i) => i + 1);
  const round = timed(() =>
    // each text's prompt is read, as there
    generate(base, Array.from({ length: samples }, () => ids), {
      guides: [],
      topK: 1,
      samples: 1,
      batchSize: samples,
      maxNewTokens: tokens,
      ends: [],
    })
  );
  await round();
  return { name, round };
}

/** @throws {Error} if node-llama-cpp is not there, or cannot read the model. */
async function openLlamaCpp(setting: LlamaCppSetting): Promise<Peer> {
  const howToGet =
    "run `npm install node-llama-cpp --ignore-scripts` in some folder, and name it with --llama-cpp.";
  await Deno.stat(join(setting.folder, "node_modules", "node-llama-cpp")).catch((cause) => {
    throw new Error(`'${setting.folder}' has no node-llama-cpp: ${howToGet}`, { cause });
  });
  const script = fileURLToPath(new URL("llama_cpp.ts", import.meta.url));
  return await Peer.of({
    command: Deno.execPath(),
    // packages are those of the folder, not this project's
    args: [
      ...[
        "run",
        "--quiet",
        "--no-check",
        "--no-config",
        "--node-modules-dir=manual",
        "--allow-all",
      ],
      ...[script, JSON.stringify(setting)],
    ],
    name: "llama.cpp",
    howToGet,
  });
}
