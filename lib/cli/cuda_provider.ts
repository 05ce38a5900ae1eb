// @ts-types="@types/yauzl"
import type { Entry, ZipFile } from "yauzl";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { basename, join, resolve } from "node:path";
import { writeAtomically } from "../files/atomic_write.ts";
import { openZip } from "../files/zip_file.ts";
import {
  librariesOfSomeOps,
  neededLibraries,
  providerLibraries,
} from "../runtime/cuda_libraries.ts";

/** The package of PyPI that has the provider. */
const project = "onnxruntime_gpu";
/** Where its libraries are in it. */
const inside = "onnxruntime/capi";

/** What has the files of the package: a wheel, or the folder that it was unpacked into. */
interface Source extends AsyncDisposable {
  /** The names that begin so. */
  names(prefix: string): Promise<string[]>;
  text(name: string): Promise<string>;
  chunks(name: string): AsyncIterable<Uint8Array>;
}

/** What was put where onnxruntime-node looks. */
export interface PutLibraries {
  readonly provider: readonly string[];
  /** Those of CUDA and cuDNN that were found beside it, as links. */
  readonly cuda: readonly string[];
}

/**
 * Puts ONNX Runtime's CUDA provider where onnxruntime-node looks for it. Of a wheel, its libraries are unpacked; of a folder of
 * packages (`site-packages`) they are linked, and so are the libraries of CUDA and cuDNN in `nvidia/…/lib`. Nothing is put there unless all
 * is right.
 *
 * @param from a wheel of `onnxruntime-gpu`, or a folder with that package.
 * @param to the folder of native libraries.
 * @param version of onnxruntime-node, which has to be the provider's.
 * @throws {Error} one sentence, if it is of another version or platform, is not whole, or cannot be read.
 */
export async function putCudaProvider(
  from: string,
  to: string,
  version: string,
): Promise<PutLibraries> {
  const isFolder = await Deno.stat(from).then(({ isDirectory }) => isDirectory, () => {
    throw new Error(`Cannot read '${from}': there is no such file or folder.`);
  });
  await using source = isFolder ? folderSource(from) : await wheelSource(from);
  const digests = await checkedDigests(from, source, version);
  // all are checked before any takes its place
  for (const name of providerLibraries) {
    const hash = createHash("sha256");
    try {
      for await (const chunk of source.chunks(`${inside}/${name}`)) hash.update(chunk);
    } catch (error) {
      throw new Error(`Cannot read ${name} in '${from}': ${(error as Error).message}.`);
    }
    if (hash.digest("base64url") !== digests.get(name)) {
      throw new Error(
        `${name} in '${from}' is not what its package says (sha256): fetch it again.`,
      );
    }
  }
  for (const name of providerLibraries) {
    if (isFolder) await link(resolve(from, inside, name), join(to, name));
    else await writeAtomically(join(to, name), source.chunks(`${inside}/${name}`));
  }
  const cuda = isFolder ? await linkCuda(from, to) : [];
  return { provider: providerLibraries, cuda };
}

/** The digests of the provider's libraries, when the package is the right one. */
async function checkedDigests(
  from: string,
  source: Source,
  version: string,
): Promise<Map<string, string>> {
  const [info] = (await source.names(`${project}-`)).flatMap((name) =>
    name.match(/^([^/]+\.dist-info)(?:\/|$)/)?.[1] ?? []
  );
  if (info === undefined) {
    throw new Error(
      `'${from}' has no package onnxruntime-gpu: give its wheel, or the folder with 'onnxruntime' and '${project}-${version}.dist-info'.`,
    );
  }
  const found = info.slice(project.length + 1, -".dist-info".length);
  if (found !== version) {
    throw new Error(
      `'${from}' has onnxruntime-gpu ${found}, but onnxruntime-node is ${version}: fetch onnxruntime-gpu==${version}.`,
    );
  }
  const tag = (await source.text(`${info}/WHEEL`)).match(/^Tag: (\S+)/m)?.[1] ?? "no platform";
  if (!/linux.*x86_64/.test(tag)) {
    throw new Error(`'${from}' is for ${tag}: the provider is for Linux on x86_64 here.`);
  }
  const record = await source.text(`${info}/RECORD`);
  return new Map(
    [...record.matchAll(/^([^,\n]+),sha256=([\w-]+),/gm)].map(([, path, digest]) =>
      [basename(path), digest] as const
    ),
  );
}

/** Links the libraries of CUDA that Python's packages have. */
async function linkCuda(from: string, to: string): Promise<string[]> {
  const linked: string[] = [];
  const namesIn = (folder: string) =>
    Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => []);
  for (const part of await namesIn(join(from, "nvidia"))) {
    const folder = resolve(from, "nvidia", part, "lib");
    const names = new Set(await namesIn(folder));
    for (const name of [...neededLibraries, ...librariesOfSomeOps]) {
      if (!names.has(name)) continue;
      await link(join(folder, name), join(to, name));
      linked.push(name);
    }
  }
  return linked;
}

/** A link that takes the place of what was there at once. */
async function link(target: string, path: string): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  await Deno.symlink(target, temporary);
  await Deno.rename(temporary, path);
}

function folderSource(folder: string): Source {
  return {
    names: async (prefix) =>
      (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name))
        .filter((name) => name.startsWith(prefix)),
    text: (name) => Deno.readTextFile(join(folder, name)),
    async *chunks(name) {
      yield* (await Deno.open(join(folder, name))).readable;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function wheelSource(path: string): Promise<Source> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile;
  try {
    zip = await openZip(path);
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    const why = (error as Error).message.replace(/\.$/, "");
    throw new Error(`Cannot read '${path}' as a wheel: ${why}; was it fetched to its end?`);
  }
  const chunks = async function* (name: string): AsyncIterable<Uint8Array> {
    const entry = entries.get(name);
    if (!entry) throw new Error("the wheel does not have it");
    yield* await zip.openReadStreamPromise(entry);
  };
  return {
    names: (prefix) => Promise.resolve([...entries.keys()].filter((x) => x.startsWith(prefix))),
    text: async (name) =>
      new TextDecoder().decode(Buffer.concat(await Array.fromAsync(chunks(name)))),
    chunks,
    [Symbol.asyncDispose]() {
      zip.close();
      return Promise.resolve();
    },
  };
}
