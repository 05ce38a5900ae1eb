import { cannotWrite } from "../../files/file_errors.ts";
import { lockFile } from "../../files/file_lock.ts";
import { hasChecksum } from "./checksum.ts";
import type { HubSettings } from "./hub_options.ts";
import { Refusal } from "./refusal.ts";
import { type Answer, askOnce, nextTry } from "./request.ts";
import { Passing, Tries } from "./tries.ts";

/** A content to be fetched. */
export interface Content {
  /** Where it is fetched from. */
  readonly address: string;
  /** What errors call it. */
  readonly name: string;
  /** What the hub names it by: mostly its checksum. */
  readonly etag: string;
  /** Its length in bytes. */
  readonly size: number;
  /** The file that it becomes. */
  readonly path: string;
  /** The file whose lock is held meanwhile. */
  readonly lock: string;
}

/** After so many bytes, an interrupted connection is no failed try. */
const achievement = 2 ** 20;

/** Where a content stands before it is whole: the name that huggingface_hub gave it until it no longer resumed. */
export function incompletePath(path: string): string {
  return `${path}.incomplete`;
}

/**
 * Fetches a content, going on from what came before, of an earlier process as well. The file gets its name only when
 * its length and checksum are right. Of several processes that want it, one fetches it, and the others wait.
 *
 * @param onBytes is told how many bytes there are, and why it takes longer where it does.
 * @throws {Unreachable} if the hub cannot be asked.
 * @throws {Error} one sentence, if what comes is wrong or cannot be written.
 */
export async function download(
  settings: HubSettings,
  content: Content,
  onBytes: (there: number, note?: string) => void,
): Promise<void> {
  const { path, size } = content;
  using lock = await lockFile(content.lock, settings);
  if (await Deno.stat(path).then(() => true, () => false)) {
    onBytes(size);
    return;
  }
  // where there are no locks, nobody else may write to the file, so that it cannot be gone on from either
  const unique = lock ? "" : `.${crypto.randomUUID().slice(0, 8)}`;
  const incomplete = incompletePath(path + unique);
  {
    using file = await written(
      path,
      () => Deno.open(incomplete, { read: true, write: true, create: true }),
    );
    await fill(settings, content, incomplete, file, onBytes);
    await written(path, () => file.sync());
  }
  await written(path, () => Deno.rename(incomplete, path));
}

/** Brings the file to its full length, and checks it. */
async function fill(
  settings: HubSettings,
  content: Content,
  incomplete: string,
  file: Deno.FsFile,
  onBytes: (there: number, note?: string) => void,
): Promise<void> {
  const { name, etag, size, path } = content;
  let there = (await file.stat()).size;
  let most = there;
  let isFresh = there === 0;
  let mistakes = 0;
  const restart = async () => {
    await written(path, () => file.truncate(0));
    there = 0;
    isFresh = true;
  };
  if (there > size) await restart();
  const tries = new Tries(settings, (note) => onBytes(there, note));
  while (true) {
    try {
      if (there < size) {
        const answer = await askOnce(settings, content.address, { from: there });
        if (beginOf(answer, content, there) === 0 && there > 0) await restart();
        await written(path, () => file.seek(there, Deno.SeekMode.Start));
        for await (const chunk of answer.body()) {
          // no more than was promised reaches the disk
          await written(path, () => writeAll(file, chunk.subarray(0, size - there)));
          there += chunk.length;
          if (there > size) break;
          onBytes(there);
        }
      }
      if (there < size) {
        throw new Passing(
          `the connection ended after ${there} of the ${size} bytes of ${name}: try again to go on there`,
        );
      }
      // read from the disk, so that what an earlier process left there is checked as well
      if (there === size && await hasChecksum(incomplete, etag, settings.signal)) return;
      // once more from the beginning: perhaps only what was there before is wrong
      if (isFresh && ++mistakes === 2) throw wrong(content, there);
      await restart();
    } catch (failure) {
      if (there >= most + achievement) tries.renew();
      most = Math.max(most, there);
      await nextTry(tries, failure);
    }
  }
}

function wrong({ name, size, etag }: Content, came: number): Error {
  return new Error(
    came > size
      ? `more than the ${size} bytes come that ${name} has: try again later`
      : `what comes of ${name} has another checksum than the hub says (${etag}): try again later`,
  );
}

/**
 * The position of the first byte that an answer brings, which is the one asked for or 0.
 *
 * @throws {Error} if it brings none, or of another file.
 */
function beginOf(answer: Answer, { name, size }: Content, from: number): number {
  const { status, headers } = answer;
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    if (Number(range?.[1]) !== from) {
      throw new Passing(`another part of ${name} comes than was asked for: try again later`);
    }
    if (range![2] !== "*" && Number(range![2]) !== size) throw wrongLength(name, range![2], size);
    return from;
  }
  if (status !== 200) throw new Refusal(answer);
  const length = headers.get("content-length");
  if (length !== null && Number(length) !== size) throw wrongLength(name, length, size);
  return 0;
}

function wrongLength(name: string, comes: string, size: number): Passing {
  return new Passing(`${comes} bytes come of ${name}, where the hub says ${size}: try again later`);
}

async function written<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}
