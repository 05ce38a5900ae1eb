import { Progress } from "../../progress.ts";
import { isEtag, RepositoryCache } from "./cache.ts";
import { download, incompletePath } from "./download.ts";
import { isHubName, isSafePath } from "./hub_name.ts";
import { type HubOptions, type HubSettings, hubSettings } from "./hub_options.ts";
import { Refusal } from "./refusal.ts";
import { called, fileAddress, infoAddress, type Repository } from "./repository.ts";
import { ask, askJson, Unreachable } from "./request.ts";

/**
 * Chooses the files that are wanted among those that there are.
 *
 * @throws {Error} whose message ends a sentence that says what was to be fetched.
 */
export type Choose = (files: readonly string[]) => readonly string[];

/** What a hub says of a repository at a revision. */
interface Listing {
  readonly commit: string;
  /** By path; a size and a checksum only where the hub lists them. */
  readonly files: ReadonlyMap<string, { size?: number; etag?: string }>;
}

/**
 * The folder of a repository's snapshot in the cache, with the wanted files. Those that are not there yet are fetched:
 * under another name until they are whole and have the right checksum, going on from where an earlier process was
 * stopped. Where the hub cannot be asked, a snapshot that has the wanted files serves as it is.
 *
 * We speak to the hub ourselves, since `@huggingface/hub` (2.17.5), which knows the same layout, neither goes on from
 * a broken download nor checks what comes, has no locks (two processes write to one file), and cannot be offline.
 *
 * @throws {TypeError} if the name or revision cannot be one.
 * @throws {Error} one sentence that says what to do, if it cannot be had.
 */
export async function fetchRepository(
  repository: Repository,
  choose: Choose,
  options: HubOptions = {},
): Promise<string> {
  return await withCache(repository, options, async (cache, settings) => {
    const commit = settings.offline
      ? await cachedCommit(cache, settings, choose)
      : await fetchedCommit(cache, settings, repository, choose);
    return cache.snapshot(commit);
  });
}

/**
 * The commit that a revision is at, without fetching a file: what the hub says, or, where it cannot be asked, the one
 * in the cache, if the wanted files of it are there.
 *
 * @throws {TypeError} if the name or revision cannot be one.
 * @throws {Error} one sentence that says what to do, if it cannot be told, or a file that is wanted is not there.
 */
export async function resolveCommit(
  repository: Repository,
  choose: Choose,
  options: HubOptions = {},
): Promise<string> {
  return await withCache(repository, options, async (cache, settings) => {
    if (settings.offline) return await cachedCommit(cache, settings, choose);
    const { commit, files } = await listingOrKept(cache, settings, repository, choose);
    if (files) choose([...files.keys()]);
    return commit;
  });
}

/** Checks names, and makes what goes wrong a sentence. */
async function withCache(
  repository: Repository,
  options: HubOptions,
  ask: (cache: RepositoryCache, settings: HubSettings) => Promise<string>,
): Promise<string> {
  const settings = hubSettings(options);
  const { revision, cacheFolder } = settings;
  if (!isHubName(repository.name)) {
    throw new TypeError(
      `'${repository.name}' cannot be a name on the hub: give one such as owner/name.`,
    );
  }
  if (!isSafePath(revision)) {
    throw new TypeError(
      `'${revision}' cannot be a revision: give the name of a branch or tag, or a commit.`,
    );
  }
  try {
    return await ask(new RepositoryCache(cacheFolder, repository), settings);
  } catch (cause) {
    settings.signal?.throwIfAborted();
    const page = `${settings.endpoint}/${
      repository.kind === "model" ? "" : "datasets/"
    }${repository.name}`;
    const reason = cause instanceof Refusal
      ? cause.reason(settings.token, page) ?? cause.message
      : (cause as Error).message;
    throw new Error(
      `Cannot get ${called(repository)} from the hub: ${reason.replace(/\.$/, "")}.`,
      { cause },
    );
  }
}

async function cachedCommit(
  cache: RepositoryCache,
  { revision, cacheFolder }: HubSettings,
  choose: Choose,
): Promise<string> {
  const commit = await cache.commitOf(revision);
  const files = commit === undefined ? [] : await cache.files(commit);
  if (commit === undefined || files.length === 0) {
    throw new Error(
      `it is not in the cache '${cacheFolder}' at revision '${revision}', and HF_HUB_OFFLINE forbids to ask: unset ` +
        "it, or fetch it where there is a network",
    );
  }
  choose(files);
  return commit;
}

/** What the hub lists; where it cannot be asked, the commit in the cache alone, if it has the wanted files. */
async function listingOrKept(
  cache: RepositoryCache,
  settings: HubSettings,
  repository: Repository,
  choose: Choose,
): Promise<Pick<Listing, "commit"> & Partial<Listing>> {
  const commit = await cache.commitOf(settings.revision);
  const isKept = commit !== undefined && await hasWanted(cache, commit, choose);
  try {
    // once only, where something serves in its place
    return await listingOf(isKept ? { ...settings, tries: 1 } : settings, repository);
  } catch (error) {
    if (isKept && error instanceof Unreachable) return { commit };
    throw error;
  }
}

async function fetchedCommit(
  cache: RepositoryCache,
  settings: HubSettings,
  repository: Repository,
  choose: Choose,
): Promise<string> {
  const { commit, files } = await listingOrKept(cache, settings, repository, choose);
  if (!files) return commit;
  const missing: { file: string; etag: string; size: number }[] = [];
  for (const file of choose([...files.keys()])) {
    if (await cache.has(commit, file)) continue;
    missing.push({ file, ...await contentOf(settings, repository, { commit, files }, file) });
  }
  if (missing.length > 0) {
    await cache.prepare();
    await fetchFiles(cache, settings, repository, commit, missing);
  }
  // only now, so that an older snapshot serves until this one is whole
  await cache.remember(settings.revision, commit).catch((error) => {
    // a cache that has everything may be one that cannot be written
    if (missing.length > 0) throw error;
  });
  return commit;
}

/** Whether a commit in the cache has the wanted files. */
async function hasWanted(
  cache: RepositoryCache,
  commit: string,
  choose: Choose,
): Promise<boolean> {
  const files = await cache.files(commit);
  try {
    choose(files);
  } catch {
    return false;
  }
  return files.length > 0;
}

async function fetchFiles(
  cache: RepositoryCache,
  settings: HubSettings,
  repository: Repository,
  commit: string,
  missing: readonly { file: string; etag: string; size: number }[],
): Promise<void> {
  const total = missing.reduce((sum, { size }) => sum + size, 0);
  let start = 0;
  for (const { etag, size } of missing) {
    const stat = await Deno.stat(incompletePath(cache.blob(etag))).catch(() => undefined);
    start += Math.min(stat?.size ?? 0, size);
  }
  const megabytes = (bytes: number) => bytes / 1e6;
  const progress = new Progress({
    label: `Fetching ${repository.name}`,
    total: megabytes(total),
    unit: "MB",
    start: megabytes(start),
  });
  let before = 0;
  for (const { file, etag, size } of missing) {
    const content = {
      address: fileAddress(settings.endpoint, repository, commit, file),
      name: `its file '${file}'`,
      etag,
      size,
      path: cache.blob(etag),
      lock: cache.lock(etag),
    };
    await download(settings, content, (there, note) => {
      progress.update(megabytes(before + there), note ?? file);
    });
    await cache.link(etag, commit, file);
    before += size;
  }
  progress.done();
}

/** Asks a hub for the commit that a revision is at, and its files. */
async function listingOf(settings: HubSettings, repository: Repository): Promise<Listing> {
  const { endpoint, revision } = settings;
  const { answer, value } = await askJson(settings, infoAddress(endpoint, repository, revision));
  if (answer.status !== 200) {
    const refusal = new Refusal(answer);
    throw refusal.status === 404
      ? new Error(await whichIsMissing(settings, repository, refusal))
      : refusal;
  }
  const { sha, siblings } = Object(value) as { sha?: unknown; siblings?: unknown };
  if (typeof sha !== "string" || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) {
    throw new Error(`${endpoint} does not list its files: check that HF_ENDPOINT is a hub`);
  }
  const files = new Map<string, { size?: number; etag?: string }>();
  for (const sibling of siblings) {
    const { rfilename: file, size, blobId, lfs } = Object(sibling) as Record<string, unknown>;
    if (typeof file !== "string" || !isSafePath(file)) {
      throw new Error(
        `it has a file of the name ${
          JSON.stringify(file)
        }, which would leave its folder: do not use it`,
      );
    }
    const etag = Object(lfs).sha256 ?? blobId;
    files.set(file, {
      size: Number.isSafeInteger(size) ? size as number : undefined,
      etag: typeof etag === "string" && isEtag(etag) ? etag : undefined,
    });
  }
  return { commit: sha, files };
}

/** What a 404 means for a repository at a revision. */
async function whichIsMissing(
  settings: HubSettings,
  repository: Repository,
  { code }: Refusal,
): Promise<string> {
  const { endpoint, revision } = settings;
  const isThere = code === "RevisionNotFound" || code !== "RepoNotFound" &&
      (await ask(settings, infoAddress(endpoint, repository))).status === 200;
  return isThere
    ? `it has no revision '${revision}': check the name of the branch or tag, or the commit in full`
    : `there is none of that name at ${endpoint}: check the name`;
}

/** Checksum and length of a file, from the list or from the hub's answer about the file itself. */
async function contentOf(
  settings: HubSettings,
  repository: Repository,
  { commit, files }: Listing,
  file: string,
): Promise<{ etag: string; size: number }> {
  const listed = files.get(file)!;
  if (listed.etag !== undefined && listed.size !== undefined) {
    return { etag: listed.etag, size: listed.size };
  }
  const address = fileAddress(settings.endpoint, repository, commit, file);
  const answer = await ask(settings, address, { method: "HEAD" });
  if (answer.status === 404) {
    throw new Error(`it lists a file '${file}' and does not have it: choose another revision`);
  }
  if (answer.status >= 400) throw new Refusal(answer);
  const { headers } = answer;
  const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "")
    .replace(/^W\//, "").replaceAll('"', "");
  const length = headers.get("x-linked-size") ?? headers.get("content-length");
  if (!isEtag(etag) || !/^\d+$/.test(length ?? "")) {
    throw new Error(
      `${settings.endpoint} does not say which content its file '${file}' has, and how long it is: check that ` +
        "HF_ENDPOINT is a hub",
    );
  }
  return { etag, size: Number(length) };
}
