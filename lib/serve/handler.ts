import { parseJson } from "../files/json.ts";
import { bodyText } from "../http/body_text.ts";
import { type Access, refusalOf } from "./access.ts";
import { streamedAnswer, wholeAnswer } from "./answer.ts";
import type { AnswerForm, FormSettings } from "./answer_form.ts";
import { type ApiError, apiErrorOf, errorBody, wrongRequest } from "./api_error.ts";
import { type Asked, askedChat, askedCompletion } from "./asked.ts";
import { chatForm } from "./chat_form.ts";
import { completionForm } from "./completion_form.ts";
import { eventStream } from "./event_stream.ts";
import type { Metrics } from "./metrics.ts";
import { gone, RequestEnding, serverEnds } from "./request_ending.ts";
import type { Scheduler } from "./scheduler.ts";
import { longestTextOf, type Served, tokensBefore } from "./served.ts";
import { isModelName, listedNames } from "./steered_models.ts";

/** What requests are answered with. */
export interface Serving {
  readonly served: Served;
  readonly scheduler: Scheduler;
  readonly metrics: Metrics;
  /** Who may ask; known when the server listens. */
  readonly access: () => Access;
  /** Seconds that a request may take. */
  readonly timeout: number;
  /** Ends all requests. */
  readonly signal: AbortSignal;
}

/** Longest body of a request, in bytes. */
const longestBody = 4_000_000;

/** No answer is kept, and none is compressed: a stream that is waits for more. */
const headers = { "Cache-Control": "no-store, no-transform", "X-Content-Type-Options": "nosniff" };

/** The two kinds of requests that are written for. */
const kinds: Readonly<
  Record<string, {
    readonly asked: (body: unknown, served: Served) => Asked;
    readonly form: (settings: FormSettings) => AnswerForm;
  }>
> = {
  "/v1/completions": { asked: askedCompletion, form: completionForm },
  "/v1/chat/completions": { asked: askedChat, form: chatForm },
};

/**
 * Answers requests as OpenAI does: `POST /v1/completions`, `POST /v1/chat/completions`, `GET /v1/models`; and `GET /health`,
 * which needs no key, and `GET /metrics`.
 */
export function handlerOf(serving: Serving): (request: Request) => Promise<Response> {
  const { served, metrics } = serving;
  const began = Math.floor(Date.now() / 1000);
  return async (request) => {
    const response = await answered(request).catch((error) => {
      const refusal = apiErrorOf(error);
      if (refusal.fields.status === 500) console.error(error);
      return problem(refusal);
    });
    metrics.answered(response.status);
    return response;
  };

  async function answered(request: Request): Promise<Response> {
    const { method } = request;
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return Response.json({ status: "ok" }, { headers });
    const refusal = refusalOf(request, serving.access());
    if (refusal) throw refusal;
    const kind = Object.hasOwn(kinds, pathname) ? kinds[pathname] : undefined;
    const isRead = pathname === "/metrics" || /^\/v1\/models(\/|$)/.test(pathname);
    if (!kind && !isRead) {
      throw wrongRequest(
        `There is nothing at ${method} ${pathname}: there are /v1/completions, /v1/chat/completions, /v1/models, ` +
          "/metrics and /health.",
        { status: 404, code: "unknown_url" },
      );
    }
    if (method !== (kind ? "POST" : "GET")) {
      throw wrongRequest(`${pathname} takes ${kind ? "POST" : "GET"}, not ${method}.`, {
        status: 405,
      });
    }
    if (kind) return await written(request, kind);
    if (pathname === "/metrics") {
      return new Response(metrics.text(), {
        headers: { ...headers, "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
      });
    }
    return models(pathname.slice("/v1/models".length + 1));
  }

  async function written(
    request: Request,
    { asked: read, form: formOf }: typeof kinds[string],
  ): Promise<Response> {
    const ending = new RequestEnding(request, serving.timeout);
    const stop = () => ending.stop(serverEnds());
    serving.signal.addEventListener("abort", stop);
    const ended = () => {
      ending[Symbol.dispose]();
      serving.signal.removeEventListener("abort", stop);
    };
    try {
      const asked = read(await bodyOf(request, ending.signal), served);
      const form = formOf({
        tokenizer: served.tokenizer,
        logprobs: asked.logprobs !== undefined,
        namesAsIds: asked.namesAsIds,
      });
      const writing = { ...serving, form };
      if (!asked.stream) {
        const answer = await wholeAnswer(asked, writing, ending.signal);
        ended();
        return Response.json(answer, { headers });
      }
      const objects = streamedAnswer(asked, writing, ending.signal);
      const stream = eventStream(objects, () => {
        ending.stop(gone());
        ended();
      });
      return new Response(stream, { headers: { ...headers, "Content-Type": "text/event-stream" } });
    } catch (error) {
      ended();
      throw error;
    }
  }

  function models(id: string): Response {
    const card = (id: string) => ({
      id,
      object: "model",
      created: began,
      owned_by: "armature",
      parent: id === served.baseName ? null : served.baseName,
      max_model_len: longestTextOf(served) + tokensBefore(served.base),
    });
    const name = decodeURIComponent(id);
    if (name === "") {
      return Response.json({ object: "list", data: listedNames(served).map(card) }, { headers });
    }
    if (isModelName(served, name)) return Response.json(card(name), { headers });
    throw wrongRequest(
      `There is no model '${name}': there are ${listedNames(served).join(", ")}.`,
      { status: 404, code: "model_not_found", param: "model" },
    );
  }
}

/** What a body in JSON holds. @throws {ApiError} one sentence, if it is none, or does not come. */
async function bodyOf(request: Request, signal: AbortSignal): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw wrongRequest("The body must be JSON: send the header 'Content-Type: application/json'.", {
      status: 415,
    });
  }
  const late = Promise.withResolvers<never>();
  const stop = () => late.reject(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    const text = await Promise.race([bodyText(request, longestBody), late.promise]);
    if (text === undefined) {
      throw wrongRequest(`The body is longer than ${longestBody} bytes: send less.`, {
        status: 413,
      });
    }
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wrongRequest(`The body is not JSON: ${error.message}.`);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function problem(error: ApiError): Response {
  const { status, retryAfter } = error.fields;
  return Response.json(errorBody(error), {
    status,
    headers: {
      ...headers,
      ...(retryAfter === undefined ? {} : { "Retry-After": `${retryAfter}` }),
      ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    },
  });
}
