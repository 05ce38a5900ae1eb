import { createHash } from "node:crypto";
import { delay } from "../../../lib/delay.ts";
import { zipFile } from "../../torch_file.ts";
import { tarFile } from "./tar_file.ts";

/** A wheel, or a source archive, that an index has, and what the index says of it. */
export interface ServedWheel {
  readonly file: string;
  readonly files: Readonly<Record<string, string>>;
  /** What the list says otherwise than is true. */
  readonly said?: Readonly<Record<string, unknown>>;
}

/** A Python package index on this machine: the JSON of PEP 691 and the files, of which the first answer may break off. */
export class IndexServer implements AsyncDisposable {
  /** The ranges that files were asked for in. */
  readonly ranges: (string | null)[] = [];
  /** After how many bytes the next file breaks off. */
  breakAfter: number | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(packages: Readonly<Record<string, readonly ServedWheel[]>>) {
    const wheels = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
    for (const { file, files } of Object.values(packages).flat()) {
      const contents = Object.fromEntries(
        Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]),
      );
      wheels.set(
        file,
        file.endsWith(".tar.gz") ? tarFile(contents) : Promise.resolve(zipFile(contents)),
      );
    }
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const path = new URL(request.url).pathname;
        const bytes = await wheels.get(path.replace("/files/", ""));
        if (bytes) return this.#file(bytes, request.headers.get("range"));
        const listed = packages[path.replace(/^\/simple\/|\/$/g, "")];
        if (!listed) return new Response(null, { status: 404 });
        if (request.headers.get("accept") !== "application/vnd.pypi.simple.v1+json") {
          return new Response("<html>");
        }
        const all = await Promise.all(listed.map(async ({ file, said }, i) => {
          const bytes = (await wheels.get(file))!;
          return {
            filename: file,
            hashes: { sha256: createHash("sha256").update(bytes).digest("hex") },
            size: bytes.length,
            "upload-time": `2026-01-0${i + 1}T00:00:00Z`,
            url: `../../files/${file}`,
            yanked: false,
            ...said,
          };
        }));
        return Response.json({ files: all });
      },
    );
  }

  get index(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/simple`;
  }

  #file(bytes: Uint8Array<ArrayBuffer>, range: string | null): Response {
    this.ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const end = this.breakAfter ?? bytes.length;
    this.breakAfter = undefined;
    const headers: Record<string, string> = range === null
      ? { "content-length": String(bytes.length) }
      : { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes.slice(from, end)),
      async pull(controller) {
        if (end === bytes.length) return controller.close();
        // what was sent before has to arrive
        await delay(100);
        controller.error(new Error("broken"));
      },
    });
    return new Response(body, { status: range === null ? 200 : 206, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
