import { dirname, join, relative } from "node:path";
import { writeAtomically } from "../../files/atomic_write.ts";
import { cannotRead, cannotWrite } from "../../files/file_errors.ts";
import { isSafePath } from "./hub_name.ts";
import type { Repository } from "./repository.ts";

/**
 * The part of the cache that holds one repository, in the layout of huggingface_hub, which shares it:
 *
 *     models--owner--name/blobs/<checksum>             contents
 *     models--owner--name/snapshots/<commit>/<file>    links to them
 *     models--owner--name/refs/<revision>              the commit that a branch or tag was at
 *     .locks/models--owner--name/<checksum>.lock       held while a content is fetched
 */
export class RepositoryCache {
  readonly #cache: string;
  readonly #name: string;

  constructor(cacheFolder: string, { kind, name }: Repository) {
    this.#cache = cacheFolder;
    this.#name = `${kind}s--${name.replaceAll("/", "--")}`;
  }

  get folder(): string {
    return join(this.#cache, this.#name);
  }

  /** The folder with the files of a commit. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  blob(etag: string): string {
    return join(this.folder, "blobs", etag);
  }

  /** Makes the folders that a content is fetched into. @throws {Error} if it cannot. */
  async prepare(): Promise<void> {
    await makeFolder(join(this.folder, "blobs"));
    await makeFolder(join(this.#cache, ".locks", this.#name));
  }

  lock(etag: string): string {
    return join(this.#cache, ".locks", this.#name, `${etag}.lock`);
  }

  /** The commit that a revision was at when it was last fetched; undefined if it never was. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const text = await Deno.readTextFile(this.#ref(revision)).catch(() => "");
    return isCommit(text.trim()) ? text.trim() : undefined;
  }

  /** Notes the commit that a branch or tag is at. @throws {Error} if it cannot be written. */
  async remember(revision: string, commit: string): Promise<void> {
    if (revision === commit || await this.commitOf(revision) === commit) return;
    const path = this.#ref(revision);
    await makeFolder(dirname(path));
    await writeAtomically(path, commit);
  }

  #ref(revision: string): string {
    return join(this.folder, "refs", ...revision.split("/"));
  }

  /** The files of a commit that are there, with `/` between the parts of their paths. */
  async files(commit: string): Promise<string[]> {
    const root = this.snapshot(commit);
    const files: string[] = [];
    const visit = async (path: string): Promise<void> => {
      for await (const { name, isDirectory } of Deno.readDir(join(root, path))) {
        const file = path + name;
        if (isDirectory) await visit(`${file}/`);
        else if (await isThere(join(root, file))) files.push(file);
      }
    };
    try {
      await visit("");
    } catch (cause) {
      if (!(cause instanceof Deno.errors.NotFound)) throw cannotRead(root, cause);
    }
    return files.sort();
  }

  /** Whether a file of a commit is there. */
  async has(commit: string, file: string): Promise<boolean> {
    return await isThere(join(this.snapshot(commit), file));
  }

  /** Makes a content that is there a file of a commit. @throws {Error} if the folder cannot be written. */
  async link(etag: string, commit: string, file: string): Promise<void> {
    const [blob, path] = [this.blob(etag), join(this.snapshot(commit), file)];
    await makeFolder(dirname(path));
    for (let again = true;; again = false) {
      try {
        return await Deno.symlink(relative(dirname(path), blob), path);
      } catch (cause) {
        if (await isThere(path)) return;
        if (cause instanceof Deno.errors.AlreadyExists && again) {
          // a link to what was removed
          await Deno.remove(path).catch(() => {});
          continue;
        }
        // Windows without the right to make links; huggingface_hub moves the file there, too
        return await Deno.rename(blob, path).catch(() => {
          throw cannotWrite(path, cause);
        });
      }
    }
  }
}

/** Whether a revision is a commit in full. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Whether a text can be a checksum as the name of a file. */
export function isEtag(text: string): boolean {
  return /^[\w.-]{1,200}$/.test(text) && isSafePath(text);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
