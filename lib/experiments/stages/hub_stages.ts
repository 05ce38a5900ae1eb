import { basename, dirname, join } from "node:path";
import { copyFile } from "../../files/copy_file.ts";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import { type Choose, fetchRepository, resolveCommit } from "../../weights/hub.ts";
import { makeFolder } from "../../files/make_folder.ts";

/** A model or data set on the Hugging Face hub. */
export interface HubSource {
  readonly name: string;
  /** Branch, tag or commit. */
  readonly revision: string;
  /** How large its wanted files are, roughly, for the plan. */
  readonly bytes: number;
}

/** The bytes a second that plans count with. */
const bytesPerSecond = 2e7;

/**
 * Files of a repository on the hub, as they are at a commit, which is found out now: by the hub, or by the cache where
 * the hub cannot be asked. A stage whose commit cannot be told lacks the reason.
 *
 * @param wanted what tells these files from others of the repository.
 */
export async function fetched(
  kind: "model" | "dataset",
  source: HubSource,
  choose: Choose,
  wanted: Json,
): Promise<Stage> {
  const { name, revision, bytes } = source;
  const repository = { kind, name };
  let commit: string | null = null;
  let lacks: string | undefined;
  try {
    commit = await resolveCommit(repository, choose, { revision });
  } catch (error) {
    lacks = (error as Error).message;
  }
  return defineStage({
    kind: "fetch/1",
    title: `Fetching ${name}`,
    settings: { kind, name, commit, wanted },
    needs: {},
    cost: { seconds: bytes / bytesPerSecond, disk: bytes, memory: 1e8 },
    lacks,
    fetches: true,
    async make(folder, _, { signal }) {
      if (commit === null) throw new Error(lacks);
      const there = await fetchRepository(repository, choose, { revision, signal });
      // the branch may have moved on since
      const snapshot = basename(there) === commit
        ? there
        : await fetchRepository(repository, choose, { revision: commit, signal });
      for (const file of choose(await filesBelow(snapshot))) {
        await takeOver(join(snapshot, file), join(folder, file));
      }
    },
  });
}

/** All files in a folder and those below it, by their paths in it, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  const visit = async (path: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(join(folder, path))) {
      if (isDirectory) await visit(`${path}${name}/`);
      else files.push(path + name);
    }
  };
  await visit("");
  return files.sort();
}

/**
 * Gives a file's content another name: it takes no room on the disk where both are on the same one, and stays when the
 * cache is cleared.
 */
export async function takeOver(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await Deno.remove(to).catch(() => {});
  const content = await Deno.realPath(from);
  await Deno.link(content, to).catch(() => copyFile(content, to));
}
