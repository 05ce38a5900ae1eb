import { visible } from "../notebook/visible.ts";
import { type Explored, longestText } from "./explored.ts";
import type { ExplorerEvent } from "./explorer_event.ts";
import { type ExplorerRequest, explorerRequest, rangesOf } from "./explorer_request.ts";
import { pageFile } from "./page_files.ts";
import { refusalOf } from "./request_guard.ts";
import { sideBySide } from "./side_by_side.ts";
import { strengthsOf } from "./strengths.ts";

/** What every answer says: nothing from elsewhere is loaded, and nothing is kept. */
const headers = {
  "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  // no-transform: a stream that is compressed waits for more
  "Cache-Control": "no-store, no-transform",
};

/** Longest body of a request, in bytes: the longest prompt, spelled as JSON may spell it, and some numbers. */
const longestBody = 200_000;

/**
 * Answers the requests of the explorer's page: its files; `GET /settings`, what there is to set; and
 * `POST /continuations`, which answers with one `ExplorerEvent` a line. What a page asked for before ends when it asks
 * again, and when it goes.
 *
 * @param port where the server listens, as requests have to name it.
 * @param signal ends what is being written.
 */
export function explorer(
  explored: Explored,
  port: () => number,
  signal?: AbortSignal,
): (request: Request) => Promise<Response> {
  /** What ends the writing for each page. */
  const running = new Map<string, AbortController>();

  return async (request) => {
    const refusal = refusalOf(request, port());
    if (refusal !== undefined) return problem(403, refusal);
    const { pathname } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case "GET /settings":
        return Response.json(settingsOf(explored), { headers });
      case "POST /continuations":
        return await continuations(request);
    }
    const file = await pageFile(pathname);
    if (!file) return problem(404, "There is nothing here.");
    if (request.method !== "GET") return problem(405, "This can only be read.");
    return new Response(file.content, { headers: { ...headers, "Content-Type": file.type } });
  };

  async function continuations(request: Request): Promise<Response> {
    try {
      const asked = explorerRequest(JSON.parse(await bodyOf(request)), explored);
      const ids = tokensOf(asked, explored);
      // a connection that is closed cancels the stream, which ends the generator
      return new Response(ReadableStream.from(lines(asked, ids)), {
        headers: { ...headers, "Content-Type": "application/x-ndjson" },
      });
    } catch (error) {
      return problem(400, (error as Error).message);
    }
  }

  async function* lines(
    asked: ExplorerRequest,
    ids: readonly number[],
  ): AsyncGenerator<Uint8Array, void, undefined> {
    running.get(asked.page)?.abort();
    const controller = new AbortController();
    running.set(asked.page, controller);
    const ends = AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]);
    const encoder = new TextEncoder();
    const line = (event: ExplorerEvent) => encoder.encode(`${JSON.stringify(event)}\n`);
    try {
      for await (const event of sideBySide(explored, asked, ids, ends)) yield line(event);
    } catch (error) {
      if (!ends.aborted) yield line({ kind: "error", message: (error as Error).message });
    } finally {
      if (running.get(asked.page) === controller) running.delete(asked.page);
    }
  }
}

/** What the page sets itself up with. */
function settingsOf(explored: Explored) {
  const { baseName, guides, prompt = "the film was" } = explored;
  const ranges = rangesOf(explored);
  return {
    base: visible(baseName),
    guides: guides.map(({ name, model: { kind } }) => ({ name: visible(name), kind })),
    prompt,
    strengths: strengthsOf(guides).map((way) => ({ ...way, name: visible(way.name) })),
    k: { ...ranges.k, value: Math.min(20, ranges.k.most) },
    temperature: { ...ranges.temperature, value: 1 },
    seed: { ...ranges.seed, value: 0 },
    tokens: { ...ranges.tokens, value: Math.min(24, ranges.tokens.most) },
  };
}

/** The prompt's tokens. @throws {RangeError} if they leave no room for those to write. */
function tokensOf({ prompt, tokens }: ExplorerRequest, explored: Explored): number[] {
  const ids = explored.tokenizer.encode(prompt);
  const room = longestText(explored) - tokens;
  if (ids.length > room) {
    throw new RangeError(
      `The prompt has ${ids.length} tokens, but with ${tokens} new ones only ${room} fit into the context: ` +
        "shorten it, or ask for fewer new tokens.",
    );
  }
  return ids;
}

async function bodyOf({ body }: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const bytes of body ?? []) {
    length += bytes.length;
    if (length > longestBody) throw new RangeError("The prompt is too long: shorten it.");
    text += decoder.decode(bytes, { stream: true });
  }
  return text + decoder.decode();
}

function problem(status: number, error: string): Response {
  return Response.json({ error: visible(error) }, { status, headers });
}
