import { createHash } from "node:crypto";
import { join } from "node:path";

/** What a hub is to do wrong with the next requests that fit. */
export interface Fault {
  /** Which requests: those to an address with this in it. Default: all. */
  readonly at?: string;
  readonly method?: "GET" | "HEAD";
  /** How many of them. Default 1. */
  readonly times?: number;
  /** Answers with this status and these headers. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection after so many bytes of a file. */
  readonly breakAfter?: number;
  /** Sends nothing more after so many bytes of a file, and keeps the connection. */
  readonly silentAfter?: number;
  /** Changes what is sent of a file. */
  readonly change?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  /** Sends a file from its beginning, whatever part was asked for. */
  readonly ignoreRange?: boolean;
  /** Is told when such a request comes. */
  readonly onRequest?: () => void;
}

/** A request that came. */
export interface HubRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | null;
  readonly token: string | null;
  /** Whether it came to the storage, which is another host to the client. */
  readonly toStorage: boolean;
}

export interface ServedOptions {
  /** Default "model". */
  kind?: "model" | "dataset";
  /** Branch or tag. Default "main". */
  revision?: string;
  /** The token without which the hub does not tell that it is there. Default: none is needed. */
  token?: string;
  /** Whether a token does not suffice: the access has to be granted. */
  gated?: boolean;
}

interface Stored {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** Whether it is in the storage rather than in git. */
  readonly large: boolean;
}

interface Repository {
  readonly options: ServedOptions;
  readonly revisions: Map<string, string>;
  readonly commits: Map<string, Map<string, Stored>>;
}

/**
 * A Hugging Face hub on this machine: lists of files, files of git and, on another port, of the storage behind it,
 * revisions, tokens, ranges, and whatever goes wrong between a hub and a client.
 *
 * @example
 * ```ts
 * await using hub = new HubServer();
 * await hub.serveFolder("owner/model", "models/base");
 * await fetchModel("owner/model", { endpoint: hub.endpoint, cacheFolder });
 * ```
 */
export class HubServer implements AsyncDisposable {
  readonly requests: HubRequest[] = [];
  /** Whether lists say the sizes and checksums of files, if asked to; other hubs and mirrors do not. Default true. */
  tellsBlobs = true;
  readonly #hub: Deno.HttpServer<Deno.NetAddr>;
  readonly #storage: Deno.HttpServer<Deno.NetAddr>;
  readonly #repositories = new Map<string, Repository>();
  readonly #faults: { fault: Fault; left: number }[] = [];

  constructor() {
    const listen = (handler: (request: Request) => Response) =>
      Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
    this.#hub = listen((request) => this.#answer(request, false));
    this.#storage = listen((request) => this.#answer(request, true));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#hub.addr.port}`;
  }

  /** Serves files as a repository. Serving other files for the revision moves it on. @returns the commit. */
  serve(
    name: string,
    files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
    options: ServedOptions = {},
  ): string {
    const { kind = "model", revision = "main" } = options;
    const key = `${kind}s/${name}`;
    const repository: Repository = this.#repositories.get(key) ??
      { options, revisions: new Map(), commits: new Map() };
    const stored = new Map(
      Object.entries(files).map(([path, content]) => [path, store(path, content)]),
    );
    const commit = sha1([...stored].map(([path, { etag }]) => `${path} ${etag}`).join("\n"));
    repository.commits.set(commit, stored);
    repository.revisions.set(revision, commit);
    this.#repositories.set(key, { ...repository, options });
    return commit;
  }

  /** Serves a folder, with the folders in it, as a repository. */
  async serveFolder(name: string, folder: string, options: ServedOptions = {}): Promise<string> {
    const files: Record<string, Uint8Array<ArrayBuffer>> = {};
    const visit = async (path: string): Promise<void> => {
      for await (const entry of Deno.readDir(join(folder, path))) {
        const file = path + entry.name;
        if (entry.isDirectory) await visit(`${file}/`);
        else files[file] = await Deno.readFile(join(folder, file));
      }
    };
    await visit("");
    return this.serve(name, files, options);
  }

  /** Does something wrong with the next requests that fit. */
  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Does nothing wrong any more. */
  repair(): void {
    this.#faults.length = 0;
  }

  #answer(request: Request, toStorage: boolean): Response {
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    this.requests.push({
      method,
      path: pathname,
      range: headers.get("range"),
      token: headers.get("authorization"),
      toStorage,
    });
    const fault = this.#fault(request, ({ status }) => status !== undefined);
    if (fault) return new Response(null, { status: fault.status, headers: fault.headers });
    if (toStorage) {
      const [, etag] = pathname.split("/");
      for (const { commits } of this.#repositories.values()) {
        for (const files of commits.values()) {
          for (const stored of files.values()) {
            if (stored.etag === etag) return sent(request, stored, {}, this.#bodyFault(request));
          }
        }
      }
      return refused(404);
    }
    const info = /^\/api\/(models|datasets)\/(.+?)(?:\/revision\/([^/]+))?$/.exec(pathname);
    if (info) return this.#info(request, info, search.includes("blobs=true"));
    const file = /^\/(datasets\/)?(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    return file ? this.#file(request, file) : refused(404);
  }

  /** The next fault of some kind that fits a request; the request uses it up. */
  #fault({ method, url }: Request, isOfKind: (fault: Fault) => boolean): Fault | undefined {
    const path = decodeURIComponent(new URL(url).pathname);
    const found = this.#faults.find(({ fault, left }) =>
      left > 0 && isOfKind(fault) && path.includes(fault.at ?? "") &&
      (fault.method ?? method) === method
    );
    if (found) found.left--;
    found?.fault.onRequest?.();
    return found?.fault;
  }

  #bodyFault(request: Request): Fault | undefined {
    return request.method === "GET"
      ? this.#fault(request, ({ status }) => status === undefined)
      : undefined;
  }

  /** What the hub says of a repository, or the refusal of it. */
  #found(request: Request, key: string): Repository | Response {
    const repository = this.#repositories.get(key);
    const given = request.headers.get("authorization");
    const { token, gated } = repository?.options ?? {};
    if (gated) return refused(403, "GatedRepo");
    // Hugging Face's hub does not tell those who give no token what is missing and what is private
    if (!repository && given === null) return refused(401, "RepoNotFound");
    if (!repository) return refused(404, "RepoNotFound");
    if (token !== undefined && given !== `Bearer ${token}`) return refused(401, "RepoNotFound");
    return repository;
  }

  #info(request: Request, [, kinds, name, revision]: string[], blobs: boolean): Response {
    const repository = this.#found(request, `${kinds}/${name}`);
    if (repository instanceof Response) return repository;
    const commit = commitOf(repository, decodeURIComponent(revision ?? "main"));
    if (commit === undefined) return refused(404, "RevisionNotFound");
    const siblings = [...repository.commits.get(commit)!].map(([rfilename, stored]) => ({
      rfilename,
      ...blobs && this.tellsBlobs
        ? {
          size: stored.bytes.length,
          blobId: stored.large ? sha1(`pointer ${stored.etag}`) : stored.etag,
          ...stored.large ? { lfs: { sha256: stored.etag, size: stored.bytes.length } } : {},
        }
        : {},
    }));
    return Response.json({ id: name, sha: commit, siblings });
  }

  #file(
    request: Request,
    [, datasets, name, revision, path]: string[],
  ): Response {
    const repository = this.#found(request, `${datasets ?? "models/"}${name}`);
    if (repository instanceof Response) return repository;
    const commit = commitOf(repository, decodeURIComponent(revision));
    if (commit === undefined) return refused(404, "RevisionNotFound");
    const stored = repository.commits.get(commit)!.get(
      path.split("/").map(decodeURIComponent).join("/"),
    );
    if (!stored) return refused(404, "EntryNotFound");
    const headers = { "x-repo-commit": commit, "x-linked-etag": `"${stored.etag}"` };
    if (!stored.large) return sent(request, stored, headers, this.#bodyFault(request));
    return new Response(null, {
      status: 302,
      headers: {
        ...headers,
        "x-linked-size": `${stored.bytes.length}`,
        location: `http://127.0.0.1:${this.#storage.addr.port}/${stored.etag}/${path}`,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // a connection that is kept silent would never end by itself
    await Promise.all([this.#hub.shutdown(), this.#storage.shutdown()]);
  }
}

function store(path: string, content: string | Uint8Array<ArrayBuffer>): Stored {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const large = /\.(safetensors|bin|pt|pth|parquet|onnx|onnx_data)$/.test(path);
  const etag = large
    ? createHash("sha256").update(bytes).digest("hex")
    : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
  return { bytes, large, etag };
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function commitOf({ revisions, commits }: Repository, revision: string): string | undefined {
  return revisions.get(revision) ?? (commits.has(revision) ? revision : undefined);
}

function refused(status: number, code?: string): Response {
  return new Response("no", { status, headers: code ? { "x-error-code": code } : {} });
}

/** A file, or the part of it that was asked for. */
function sent(
  request: Request,
  { bytes, etag }: Stored,
  more: Readonly<Record<string, string>>,
  { breakAfter, silentAfter, change = (bytes) => bytes, ignoreRange }: Fault = {},
): Response {
  const [, first] = /^bytes=(\d+)-$/.exec(ignoreRange ? "" : request.headers.get("range") ?? "") ??
    [];
  const from = Number(first ?? 0);
  const headers = new Headers({ ...more, etag: `"${etag}"`, "accept-ranges": "bytes" });
  if (from > 0 && from >= bytes.length) return new Response(null, { status: 416, headers });
  const part = change(bytes.subarray(from));
  headers.set("content-length", `${part.length}`);
  if (first !== undefined) {
    headers.set("content-range", `bytes ${from}-${bytes.length - 1}/${bytes.length}`);
  }
  const status = first === undefined ? 200 : 206;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const end = breakAfter ?? silentAfter;
  if (end === undefined) return new Response(part, { status, headers });
  let pulled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (!pulled) controller.enqueue(part.slice(0, end));
      else if (breakAfter !== undefined) {
        // so that what was sent before arrives
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.close();
      } else await new Promise(() => {});
      pulled = true;
    },
  });
  return new Response(body, { status, headers });
}
