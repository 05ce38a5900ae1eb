import { join } from "node:path";
import type { HubOptions } from "../../../lib/weights/hub/hub_options.ts";
import { HubServer } from "../../hub_server.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";

/** What a test of the hub has: a hub, an empty cache, and options for both that do not wait long. */
export interface HubSetting {
  readonly hub: HubServer;
  readonly parent: string;
  readonly cacheFolder: string;
  readonly options: HubOptions & { cacheFolder: string };
}

/** Runs `test` with a hub of its own and an empty cache. */
export async function withHub(test: (setting: HubSetting) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    await using hub = new HubServer();
    const cacheFolder = join(parent, "cache");
    const options = {
      endpoint: hub.endpoint,
      token: "",
      offline: false,
      cacheFolder,
      pause: 0.001,
    };
    await test({ hub, parent, cacheFolder, options });
  });
}

/** Bytes that differ from place to place. */
export function bytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) % 251);
}

/** The files of a tiny model, as far as fetching is concerned. */
export const modelFiles = {
  "config.json": '{"model_type":"gpt2"}',
  "model.safetensors": bytes(20_000),
  "pytorch_model.bin": bytes(20_000, 2),
  "tokenizer.json": "{}",
  "tokenizer_config.json": "{ }",
  "README.md": "words",
  "onnx/model.onnx": bytes(300),
};

/** All files below a folder, by their paths in it; of a link, where it points to. */
export async function tree(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(join(folder, path))) {
      const file = path + name;
      if (isDirectory) await visit(`${file}/`);
      else files.set(file, isSymlink ? await Deno.readLink(join(folder, file)) : "");
    }
  };
  await visit("");
  return new Map([...files].sort());
}

/** Names of the files in a folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}
