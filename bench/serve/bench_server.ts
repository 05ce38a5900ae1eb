import { trainByteLevelBpe, writeTokenizer } from "../../lib/data/byte_level_bpe.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import { sampleWorldCorpus } from "../../lib/data/world/sample_world_corpus.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import type { Guide } from "../../lib/decode/generate.ts";
import {
  type ModelShapes,
  randomLabel,
  RandomModels,
} from "../../lib/experiments/random_models.ts";
import type { Device } from "../../lib/runtime/device.ts";
import { serveModel } from "../../lib/serve/serve_model.ts";

/** A server of random weights, and its models. */
export interface BenchServer extends AsyncDisposable {
  readonly address: string;
  readonly base: BaseModel;
  readonly guides: readonly Guide[];
  readonly tokenizer: Tokenizer;
}

/** How strongly requests steer. */
export const beta = 10;

/** Opens models of these shapes and serves them. The tokenizer is that of a small world, whatever the vocabulary. */
export async function openBenchServer(
  shapes: ModelShapes,
  device: Device,
  { rows, signal }: { rows: number; signal?: AbortSignal },
): Promise<BenchServer> {
  await using stack = new AsyncDisposableStack();
  const models = stack.use(await RandomModels.write(shapes, ["arm"], { signal }));
  const base = stack.use(await models.openBase(device));
  const model = stack.use(await models.openReward("arm", device));
  const tokenizer = await worldTokenizer();
  const server = stack.use(
    await serveModel(base, tokenizer, { guides: [{ name: "arm", model }], rows, port: 0 }),
  );
  const opened = stack.move();
  return {
    ...{ address: server.address, base, tokenizer },
    guides: [{ model, steering: [{ label: randomLabel, beta }] }],
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function worldTokenizer(): Promise<Tokenizer> {
  const folder = await Deno.makeTempDir({ prefix: "armature-" });
  try {
    const { texts } = sampleWorldCorpus({ seed: 0, texts: 1000 });
    await writeTokenizer(folder, trainByteLevelBpe(texts, { vocabSize: 1024 }));
    return await loadTokenizer(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
