import { isAbsolute, join, relative, sep } from "node:path";
import { isCommit } from "./hub/cache.ts";
import { fetchModel, type FetchOptions } from "./hub/fetch_model.ts";
import { isHubName } from "./hub/hub_name.ts";

/** How the base model of an adapter is found. */
export interface AdapterBaseOptions {
  /** Its folder, or its name on the hub. Default: what the adapter says. */
  readonly base?: string;
  /** How it is fetched, if it is on the hub and not in the cache. */
  readonly hub?: Omit<FetchOptions, "files" | "revision">;
}

/** What needs a base model, and what it says of it. */
export interface BaseReference {
  /** Its folder. */
  readonly path: string;
  /** A folder or a name on the hub, and a revision there. */
  readonly base?: string;
  readonly revision?: string;
  /** What it is called in errors: "The adapter". */
  readonly what: string;
  /** The file that says so. */
  readonly file: string;
}

/**
 * The folder of the model that an adapter belongs to, or a model that shares a trunk: what is asked for, or else what its config says: a folder (seen from
 * that of the adapter, or else from the working folder) or a name on the hub.
 *
 * @throws {Error} if it is not there.
 */
export async function baseOf(
  { path, base: said, revision, what, file }: BaseReference,
  { base, hub = {} }: AdapterBaseOptions = {},
): Promise<string> {
  const howTo = "name the folder of its base model with --adapter-base (adapterBase)";
  const name = base ?? said;
  if (name === undefined) {
    throw new Error(`${what} '${path}' does not say what model it belongs to: ${howTo}.`);
  }
  const places = base !== undefined || isAbsolute(name) ? [name] : [join(path, name), name];
  for (const place of places) {
    if (await Deno.stat(place).then(() => true, () => false)) return place;
  }
  if (isHubName(name)) {
    return await fetchModel(
      name,
      base === undefined && revision !== undefined ? { ...hub, revision } : hub,
    );
  }
  throw new Error(
    base === undefined
      ? `The ${file} of '${path}' names the base model '${name}', and there is no such folder: ${howTo}.`
      : `Cannot open the model '${name}': there is no such folder, so check the path.`,
  );
}

/**
 * What an adapter's config calls its base model: the name on the hub of one that stands in a hub's cache, with its commit,
 * or else its folder as seen from that of the adapter.
 */
export async function referenceTo(
  base: string,
  adapter: string,
): Promise<{ base: string; revision?: string }> {
  const [from, to] = await Promise.all([adapter, base].map((path) => Deno.realPath(path)));
  const [commit, snapshots, repository] = to.split(sep).reverse();
  const name = /^models--(.+)$/.exec(repository ?? "")?.[1].replaceAll("--", "/");
  if (snapshots === "snapshots" && isCommit(commit) && name !== undefined && isHubName(name)) {
    return { base: name, revision: commit };
  }
  return { base: relative(from, to).replaceAll("\\", "/") };
}
