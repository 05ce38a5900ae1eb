import { type TokenizedPrompt, tokenizedPrompts } from "../decode/text_prompts.ts";
import { bodyText } from "../http/body_text.ts";
import { visible } from "../notebook/visible.ts";
import type { SettledOptions } from "../options/option.ts";
import type { Explored } from "./explored.ts";
import type { ExplorerEvent } from "./explorer_event.ts";
import {
  type ExplorerRequest,
  explorerRequest,
  type NumberName,
  rangesOf,
} from "./explorer_request.ts";
import { pageFile } from "./page_files.ts";
import { refusalOf } from "./request_guard.ts";
import type { serveExplorerOptions } from "./serve_explorer_options.ts";
import { sideBySide } from "./side_by_side.ts";
import { firstWays, guidesOf, offeredModels } from "./ways.ts";

/** What the page begins with. */
export type FirstSettings = Pick<
  SettledOptions<typeof serveExplorerOptions>,
  NumberName | "prompt"
>;

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
 * @param first what the page begins with.
 * @param port where the server listens, as requests have to name it.
 * @param signal ends what is being written.
 */
export function explorer(
  explored: Explored,
  first: FirstSettings,
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
        return Response.json(settingsOf(explored, first), { headers });
      case "POST /continuations":
        return await continuations(request);
    }
    const file = pageFile(pathname);
    if (!file) return problem(404, "There is nothing here.");
    if (request.method !== "GET") return problem(405, "This can only be read.");
    return new Response(file.content, { headers: { ...headers, "Content-Type": file.type } });
  };

  async function continuations(request: Request): Promise<Response> {
    try {
      const asked = explorerRequest(JSON.parse(await bodyOf(request)), explored);
      const prompt = promptOf(asked, explored);
      // a connection that is closed cancels the stream, which ends the generator
      return new Response(ReadableStream.from(lines(asked, prompt)), {
        headers: { ...headers, "Content-Type": "application/x-ndjson" },
      });
    } catch (error) {
      return problem(400, (error as Error).message);
    }
  }

  async function* lines(
    asked: ExplorerRequest,
    prompt: TokenizedPrompt,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    running.get(asked.page)?.abort();
    const controller = new AbortController();
    running.set(asked.page, controller);
    const ends = AbortSignal.any([controller.signal, ...(signal ? [signal] : [])]);
    const encoder = new TextEncoder();
    const line = (event: ExplorerEvent) => encoder.encode(`${JSON.stringify(event)}\n`);
    try {
      for await (const event of sideBySide(explored, asked, prompt, ends)) yield line(event);
    } catch (error) {
      if (!ends.aborted) yield line({ kind: "error", message: (error as Error).message });
    } finally {
      if (running.get(asked.page) === controller) running.delete(asked.page);
    }
  }
}

/** What the page sets itself up with. */
function settingsOf(explored: Explored, { prompt, ...numbers }: FirstSettings) {
  const { baseName, guides } = explored;
  const ranges = Object.entries(rangesOf(explored)).map(([name, { min, max }]) => {
    const value = Math.min(numbers[name as NumberName], max);
    return [name, { least: min, most: max, value }];
  });
  return {
    base: visible(baseName),
    models: offeredModels(guides),
    ways: firstWays(guides),
    prompt,
    ...Object.fromEntries(ranges),
  };
}

/** The prompt's tokens. @throws {RangeError} if they leave no room for those to write. */
function promptOf(
  { prompt: text, ways, maxNewTokens }: ExplorerRequest,
  explored: Explored,
): TokenizedPrompt {
  const { base, tokenizer, guides } = explored;
  const [prompt] = tokenizedPrompts(base, tokenizer, [text], explored);
  const rooms = [
    [prompt.ids.length, base.longestText],
    ...guidesOf(ways, guides).map(({ model }) => [prompt.read.rated.length, model.longestText]),
  ];
  const [length, longest] = rooms.reduce((a, b) => a[1] - a[0] <= b[1] - b[0] ? a : b);
  const room = Math.max(0, longest - maxNewTokens);
  if (length > room) {
    throw new RangeError(
      `The prompt has ${length} tokens, but with ${maxNewTokens} new ones only ${room} fit into the context: ` +
        "shorten it, or ask for fewer new tokens.",
    );
  }
  return prompt;
}

async function bodyOf(request: Request): Promise<string> {
  const text = await bodyText(request, longestBody);
  if (text === undefined) throw new RangeError("The prompt is too long: shorten it.");
  return text;
}

function problem(status: number, error: string): Response {
  return Response.json({ error: visible(error) }, { status, headers });
}
