/** The body of a request, as the API's reference has it. */
export interface AnalyzeRequest {
  comment: { text: string };
  languages?: string[];
  requestedAttributes: Record<string, unknown>;
  doNotStore?: boolean;
}

/** How the server behaves. */
export interface PerspectiveServerOptions {
  /** Requests a second that it takes; more get 429. Default: any number. */
  quota?: number;
  /** Milliseconds that an answer takes. Default: 0. */
  latency?: number;
  /** Answers in its place, to misbehave; undefined lets the request through. `count` is 1 for the first. */
  before?: (count: number, request: AnalyzeRequest) => Response | undefined;
}

/** What the server has seen. */
export interface PerspectiveServer {
  url: string;
  /** The requests that were scored. */
  scored: AnalyzeRequest[];
  /** When every request came, in milliseconds. */
  times: number[];
}

export const serverKey = "a key";

/** The score that the server gives a text for an attribute. */
export function servedScore(text: string, attribute: string): number {
  let sum = attribute.length;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)!) % 10_007;
  return sum / 10_007;
}

/** An error as Google's APIs give them, with the type that the documentation of the Perspective API lists. */
export function apiError(status: number, message: string, details: unknown[] = []): Response {
  const names: Record<number, string> = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
  };
  const error = { code: status, message, status: names[status] ?? "UNKNOWN", details };
  return Response.json({ error }, { status });
}

/** An error of one of the documented types. */
export function typedError(type: string, message: string): Response {
  const name = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error";
  return apiError(400, message, [{ "@type": name, errorType: type }]);
}

const maxBytes = 20 * 1024;
const known = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"];

/** Serves `comments:analyze` on this machine as the documentation of the Perspective API says it behaves. */
export async function withPerspectiveServer(
  options: PerspectiveServerOptions,
  test: (server: PerspectiveServer) => Promise<void>,
): Promise<void> {
  const { quota = Infinity, latency = 0, before } = options;
  const seen: PerspectiveServer = { url: "", scored: [], times: [] };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      if (request.method !== "POST" || url.pathname !== "/v1alpha1/comments:analyze") {
        return new Response("Not Found", { status: 404 });
      }
      seen.times.push(performance.now());
      const body: AnalyzeRequest = await request.json();
      if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
      const misbehaved = before?.(seen.times.length, body);
      if (misbehaved) return misbehaved;
      if (url.searchParams.get("key") !== serverKey) {
        const details = [{
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
        }];
        return apiError(400, "API key not valid. Please pass a valid API key.", details);
      }
      const now = performance.now();
      if (seen.times.filter((time) => time > now - 1000).length > quota) {
        return apiError(
          429,
          "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'",
        );
      }
      const { comment: { text }, languages, requestedAttributes } = body;
      const attributes = Object.keys(requestedAttributes);
      if (attributes.length === 0) {
        return typedError("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes");
      }
      if (text === "") return typedError("COMMENT_EMPTY", "Comment must be non-empty.");
      if (new TextEncoder().encode(text).length > maxBytes) {
        return typedError("COMMENT_TOO_LONG", "Comment text too long.");
      }
      const unknown = attributes.find((name) => !known.includes(name));
      if (unknown) return apiError(400, `Unknown requested attribute: ${unknown}`);
      if (languages?.[0] !== "en") {
        return typedError(
          "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
          `Attribute ${attributes[0]} does not support request languages: ${languages}`,
        );
      }
      seen.scored.push(body);
      const scored = attributes.map((name) => {
        const score = { value: servedScore(text, name), type: "PROBABILITY" };
        return [name, { spanScores: [{ begin: 0, end: text.length, score }], summaryScore: score }];
      });
      return Response.json({
        attributeScores: Object.fromEntries(scored),
        languages: ["en"],
        detectedLanguages: ["en"],
      });
    },
  );
  seen.url = `http://127.0.0.1:${server.addr.port}`;
  await test(seen);
}
