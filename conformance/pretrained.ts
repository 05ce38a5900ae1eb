import { basename, join } from "node:path";
import { openBase } from "../lib/bases/open_base.ts";
import { loadTokenizer, type Tokenizer } from "../lib/data/tokenizer.ts";
import { generate } from "../lib/decode/generate.ts";
import { cacheFolder } from "../lib/files/cache_folder.ts";
import { readJsonFile } from "../lib/files/json_file.ts";
import { makeFolder } from "../lib/files/make_folder.ts";
import { compile } from "../lib/graph/program.ts";
import { input } from "../lib/graph/tensor.ts";
import { openLanguageModel } from "../lib/inference/language_model.ts";
import { forward } from "../lib/models/forward.ts";
import { languageModelHead } from "../lib/models/language_model_head.ts";
import type { Device } from "../lib/runtime/device.ts";
import { Session } from "../lib/runtime/session.ts";
import { contentHash, folderOfGguf, ggufsIn } from "../lib/weights/gguf/gguf_folder.ts";
import { joinParts, partsIn } from "../lib/weights/gguf/joined_parts.ts";
import { openModelFolder } from "../lib/weights/model_folder.ts";
import { exact, type Tolerance } from "./compare.ts";
import type { Report } from "./report.ts";
import { floatsValue, idsValue, numbersOf } from "./run_once.ts";

/** Numbers of a model that was trained elsewhere, which is in a file of its own. */
export interface Pretrained {
  /** Name of the GGUF file. */
  readonly file: string;
  readonly sha256: string;
  readonly parameter_norms: Readonly<Record<string, number>>;
  readonly cases: readonly {
    readonly text: string;
    readonly ids: readonly number[];
    readonly negative_log_likelihood_of_tokens_2_to_n: number;
    readonly last_logits_top20: { readonly ids: readonly number[]; readonly values: number[] };
  }[];
  readonly greedy: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

/** How a model's weights are taken, and what the README allows its numbers. */
const ways: readonly {
  readonly name: string;
  readonly keepBits: boolean;
  readonly likelihood: Tolerance;
  readonly logits: Tolerance;
}[] = [
  {
    name: "float32",
    keepBits: false,
    likelihood: { relative: 1e-4 },
    logits: { absolute: 2e-3 },
  },
  { name: "kept", keepBits: true, likelihood: { relative: 1e-3 }, logits: { absolute: 2e-2 } },
];

/** The norms are written with four digits behind the point. */
const normTolerance: Tolerance = { absolute: 1e-4, relative: 1e-6 };

/** The files of a folder that hold such numbers, by name. */
export async function pretrainedIn(folder: string): Promise<Map<string, Pretrained>> {
  const found = new Map<string, Pretrained>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !name.endsWith(".json")) continue;
    // of what cannot be read, the comparisons of other kinds tell
    const json = Object(await readJsonFile(join(folder, name)).catch(() => undefined));
    if ("greedy" in json && "cases" in json && typeof json.file === "string") {
      found.set(name.slice(0, -".json".length), json as Pretrained);
    }
  }
  return new Map([...found].sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Compares with the numbers of one pretrained model: its tokens, the norms of its parameters, likelihoods, logits and greedily drawn
 * tokens, with weights in float32 and in the bits that the file has.
 *
 * @param models folder of the GGUF files, whole or in parts, as packages unpack to.
 */
export async function comparePretrained(
  golden: Pretrained,
  { models, device, report }: { models: string; device: Device; report: Report },
): Promise<void> {
  const path = await modelFile(golden, models);
  await report.section("parameter_norms", () => norms(golden, path, report));
  await report.section("ids", async () => tokens(golden, await loadTokenizer(path), report));
  for (const way of ways) {
    const folder = await folderOfGguf(path, way);
    await report.section(way.name, () => likelihoods(golden, folder, way, device, report));
    await report.section(`${way.name}.greedy`, () => greedy(golden, path, way, device, report));
  }
}

/** The model's file, put together from its parts where there is none. @throws {Error} if it is not there, or another. */
async function modelFile({ file, sha256 }: Pretrained, models: string): Promise<string> {
  const whole = (await ggufsIn(models)).find((path) => basename(path) === file);
  const parts = (await partsIn([models])).get(file);
  let path = whole;
  if (path === undefined && parts !== undefined) {
    const folder = join(cacheFolder(), "joined", sha256);
    path = join(folder, file);
    await makeFolder(folder);
    await joinParts(parts, path);
  }
  if (path === undefined) throw new Error(`there is no ${file} in '${models}', nor parts of it`);
  const hash = await contentHash(path);
  if (hash === sha256) return path;
  throw new Error(`'${path}' has the SHA-256 ${hash}, where ${sha256} is expected`);
}

async function norms({ parameter_norms: expected }: Pretrained, path: string, report: Report) {
  const { weights } = await openModelFolder(path);
  for (const [name, norm] of Object.entries(expected)) {
    const values = await weights.readFloat32(name);
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    const numbers = { shape: [], data: [norm] };
    report.compareWith(`parameter_norms.${name}`, numbers, Math.sqrt(squares), normTolerance);
  }
}

function tokens({ cases }: Pretrained, tokenizer: Tokenizer, report: Report): void {
  cases.forEach(({ text, ids }, i) => {
    const found = [...tokenizer.begin ?? [], ...tokenizer.encode(text)];
    report.compareWith(`cases.${i}.ids`, asNumbers(ids), asNumbers(found), exact);
  });
}

async function likelihoods(
  { cases }: Pretrained,
  folder: string,
  { name, likelihood, logits: logitsTolerance }: typeof ways[number],
  device: Device,
  report: Report,
): Promise<void> {
  const { spec: { backbone }, parameters } = await openLanguageModel(
    folder,
    (kind) => `'${folder}' holds a model of kind ${kind}`,
  );
  const shape = ["batch", "time"];
  const { hidden } = forward(backbone, parameters, {
    ids: input("ids", "int64", shape),
    mask: input("mask", "float32", shape),
  });
  const logits = languageModelHead(backbone, parameters, hidden);
  await using session = await Session.open(compile({ logits }), device);
  for (const [i, golden] of cases.entries()) {
    const { ids, last_logits_top20: top } = golden;
    const outputs = await session.run({
      ids: idsValue([ids]),
      mask: floatsValue([ids.map(() => 1)]),
    });
    const { data } = numbersOf(outputs.logits);
    const rows = ids.map((_, t) =>
      (data as Float32Array).subarray(t * backbone.vocabulary, (t + 1) * backbone.vocabulary)
    );
    const total = ids.slice(1).reduce((sum, id, t) => sum + surprisal(rows[t], id), 0);
    const expected = { shape: [], data: [golden.negative_log_likelihood_of_tokens_2_to_n] };
    report.compareWith(`${name}.cases.${i}.likelihood`, expected, total, likelihood);
    const best = asNumbers(top.ids.map((id) => rows.at(-1)![id]));
    report.compareWith(`${name}.cases.${i}.logits`, asNumbers(top.values), best, logitsTolerance);
  }
}

/** −log softmax(logits) of a token, in nats. */
function surprisal(logits: Float32Array, id: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return largest + Math.log(sum) - logits[id];
}

async function greedy(
  { greedy }: Pretrained,
  path: string,
  { name, keepBits }: typeof ways[number],
  device: Device,
  report: Report,
): Promise<void> {
  const { base, tokenizer } = await openBase(path, device, { keepBits });
  await using _base = base;
  for (const [i, { text, ids }] of greedy.entries()) {
    const prompt = tokenizer.encode(text);
    const before = [...tokenizer.begin ?? [], ...prompt];
    const { continuations: [[drawn]] } = await generate(base, [prompt], {
      topK: 1,
      samples: 1,
      maxNewTokens: ids.length - before.length,
      ends: [],
      temperature: 0,
      label: "Decoding",
    });
    const all = asNumbers([...before, ...drawn]);
    report.compareWith(`${name}.greedy.${i}.ids`, asNumbers(ids), all, exact);
  }
}

function asNumbers(values: readonly number[]) {
  return { shape: [values.length], data: values };
}
