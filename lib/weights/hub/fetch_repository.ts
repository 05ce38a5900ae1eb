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
  const cache = new RepositoryCache(cacheFolder, repository);
  try {
    return settings.offline
      ? await fromCache(cache, settings, choose)
      : await fromHub(cache, settings, repository, choose);
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

async function fromCache(
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
  return cache.snapshot(commit);
}

async function fromHub(
  cache: RepositoryCache,
  settings: HubSettings,
  repository: Repository,
  choose: Choose,
): Promise<string> {
  const { revision } = settings;
  const kept = await cache.commitOf(revision).then((commit) =>
    commit && snapshotWith(cache, commit, choose)
  );
  let listing: Listing;
  try {
    // once only, where something serves in its place
    listing = await listingOf(kept ? { ...settings, tries: 1 } : settings, repository);
  } catch (error) {
    if (kept && error instanceof Unreachable) return kept;
    throw error;
  }
  const { commit, files } = listing;
  const missing: { file: string; etag: string; size: number }[] = [];
  for (const file of choose([...files.keys()])) {
    if (await cache.has(commit, file)) continue;
    missing.push({ file, ...await contentOf(settings, repository, listing, file) });
  }
  if (missing.length > 0) {
    await cache.prepare();
    await fetchFiles(cache, settings, repository, commit, missing);
  }
  // only now, so that an older snapshot serves until this one is whole
  await cache.remember(revision, commit).catch((error) => {
    // a cache that has everything may be one that cannot be written
    if (missing.length > 0) throw error;
  });
  return cache.snapshot(commit);
}

async function snapshotWith(
  cache: RepositoryCache,
  commit: string,
  choose: Choose,
): Promise<string | undefined> {
  const files = await cache.files(commit);
  try {
    choose(files);
  } catch {
    return undefined;
  }
  return files.length > 0 ? cache.snapshot(commit) : undefined;
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
