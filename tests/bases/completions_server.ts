import type { Tokenizer } from "../../lib/data/tokenizer.ts";
import type { BaseModel } from "../../lib/bases/base_model.ts";
import { topCandidates } from "../../lib/bases/top_candidates.ts";
import { floatsOf } from "../run_graph.ts";

export interface ServerOptions {
  /** How tokens are named. Default "ids", as vLLM does when it is asked to. */
  names?: "ids" | "texts" | "chat";
  /** Most log-probabilities a token. Default: as many as are asked for. */
  limit?: number;
  /** The key that it wants. Default: none. */
  key?: string;
  /** A query without which an address is not known. Default: none is needed. */
  query?: string;
  /** Answers a request in place of the server, to misbehave; undefined lets it through. `count` is 1 for the first. */
  before?: (count: number, body: RequestBody) => Response | undefined;
}

export interface RequestBody {
  model: string;
  prompt: string | number[] | (string | number[])[];
  max_tokens: number;
  logprobs: number;
  return_tokens_as_token_ids?: boolean;
}

/**
 * Serves a base model on this machine as OpenAI, vLLM and llama.cpp serve theirs: `/v1/models`, and `/v1/completions`
 * for one token and its top log-probabilities. The model is called `tiny`.
 */
export async function withCompletionsServer(
  base: BaseModel,
  tokenizer: Tokenizer,
  options: ServerOptions,
  test: (url: string, requests: readonly RequestBody[]) => Promise<void>,
): Promise<void> {
  const requests: RequestBody[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      if (options.query && search !== options.query) {
        return Response.json({ error: { message: "Resource not found" } }, { status: 404 });
      }
      const wanted = options.key && `Bearer ${options.key}`;
      if (wanted && request.headers.get("authorization") !== wanted) {
        return Response.json({ error: { message: "Incorrect API key provided" } }, { status: 401 });
      }
      if (pathname === "/v1/models") {
        return Response.json({ object: "list", data: [{ id: "tiny", max_model_len: 24 }] });
      }
      if (pathname !== "/v1/completions") return new Response("Not Found", { status: 404 });
      const body: RequestBody = await request.json();
      requests.push(body);
      if (body.model !== "tiny") {
        const error = { message: `The model '${body.model}' does not exist` };
        return Response.json({ error }, { status: 404 });
      }
      return options.before?.(requests.length, body) ??
        Response.json(await complete(base, tokenizer, options, body));
    },
  );
  await test(`http://127.0.0.1:${server.addr.port}`, requests);
}

async function complete(
  base: BaseModel,
  tokenizer: Tokenizer,
  { names = "ids", limit = Infinity }: ServerOptions,
  { prompt, logprobs }: RequestBody,
): Promise<unknown> {
  const isOne = typeof prompt === "string" || typeof prompt[0] === "number";
  const prompts = (isOne ? [prompt] : prompt) as (string | number[])[];
  const ids = prompts.map((text) => typeof text === "string" ? tokenizer.encode(text) : text);
  using reading = await base.start(ids);
  const { logits } = reading.candidates;
  const tokens = logits.dims[1];
  const nameOf = (id: number) =>
    names === "ids" ? `token_id:${id}` : tokenizer.decode([id]) || tokenizer.token(id);
  const choices = ids.map((_, index) => {
    const row = floatsOf(logits).subarray(index * tokens, (index + 1) * tokens);
    const sum = row.reduce((sum, logit) => sum + Math.exp(logit - row[0]), 0);
    const top = topCandidates(row, Math.min(logprobs, limit, tokens));
    const listed = top.places.map((id, i) => ({
      id,
      token: nameOf(id),
      logprob: top.logits[i] - row[0] - Math.log(sum),
    }));
    const logprobsOf = names === "chat" ? { content: [{ ...listed[0], top_logprobs: listed }] } : {
      tokens: [listed[0].token],
      token_logprobs: [listed[0].logprob],
      top_logprobs: [Object.fromEntries(listed.map(({ token, logprob }) => [token, logprob]))],
    };
    return { index, text: listed[0].token, logprobs: logprobsOf, finish_reason: "length" };
  });
  // a server may answer in any order, and says which is which
  return { object: "text_completion", choices: choices.reverse() };
}
