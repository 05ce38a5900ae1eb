import { join } from "node:path";
import { rowsIn } from "../../../lib/weights/gguf/gguf_file.ts";
import { openGgufModel } from "../../../lib/weights/gguf/gguf_model.ts";
import { ggufBytes } from "../../weights/gguf/gguf_bytes.ts";
import { smallMetadata, smallModel } from "../../weights/gguf/small_gguf.ts";
import { inFiles } from "../in_files.ts";
import { mutateBytes } from "../mutate.ts";
import type { Parser } from "../parser.ts";

const architectures = ["gemma3", "qwen3", "gpt2"] as const;

/** A model in one file, with its settings and tokenizer. */
export const gguf: Parser = {
  title: "a model in a GGUF file",
  cases: 1e5,
  words: ["GGUF", "general.architecture", "tokenizer.ggml.tokens", "llama", "gpt2", "Ġa"],
  // what stands behind the header is numbers, of which any are right
  mutate: (random, bytes) => {
    const header = Math.min(bytes.length, 3000);
    const changed = mutateBytes(random, bytes.slice(0, header));
    const all = new Uint8Array(changed.length + bytes.length - header);
    all.set(changed);
    all.set(bytes.subarray(header), changed.length);
    return all;
  },
  seeds: () =>
    architectures.map((name) => ({
      "model.gguf": ggufBytes(smallMetadata(name), smallModel(name).tensors),
    })),
  open: (folder) =>
    inFiles(folder, async () => {
      const { file } = await openGgufModel(join(folder, "model.gguf"));
      for (const tensor of file.tensors.values()) {
        await file.read(tensor, { from: 0, count: rowsIn(tensor) });
      }
    }),
};
