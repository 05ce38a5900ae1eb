/**
 * Clients that each send one request after the other, in a process of their own. `ClientOrders` come on standard input; each
 * line of standard output is a `ClientAnswer`.
 */
import { delay } from "../../lib/delay.ts";
import type { ClientAnswer, ClientOrders, ClientRequest } from "./client_request.ts";

const { address, clients, requests }: ClientOrders = await new Response(Deno.stdin.readable).json();

/** Milliseconds that a slow reader waits before every piece. */
const slowness = 10;

let next = 0;
await Promise.all(Array.from({ length: clients }, client));

async function client(): Promise<void> {
  for (let place = next++; place < requests.length; place = next++) {
    const began = now();
    const said = await answerTo(requests[place], began);
    const answer: ClientAnswer = { request: place, ...said, began, ended: now() };
    console.log(JSON.stringify(answer));
  }
}

/** Milliseconds since 1970, and parts of them. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function answerTo(
  { behaviour, body }: ClientRequest,
  began: number,
): Promise<Omit<ClientAnswer, "request" | "began" | "ended">> {
  const leaves = new AbortController();
  const response = await fetch(`${address}/completions`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: behaviour === "garbage" ? '{"prompt": [' : JSON.stringify(body),
    signal: leaves.signal,
  });
  const { status } = response;
  if (behaviour === "patient" || status !== 200) {
    const { choices, usage } = await response.json();
    return { status, text: choices?.[0].text, tokens: usage?.completion_tokens ?? 0 };
  }
  let first: number | undefined;
  let text = "";
  let rest = "";
  let tokens = 0;
  try {
    for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
      first ??= now() - began;
      if (behaviour === "slow") await delay(slowness);
      const events = (rest + bytes).split("\n\n");
      rest = events.pop()!;
      for (const event of events.filter((event) => event !== "data: [DONE]")) {
        const { choices: [choice], usage } = JSON.parse(event.slice("data: ".length));
        text += choice?.text ?? "";
        tokens = usage?.completion_tokens ?? tokens;
      }
      if (behaviour === "leaving") leaves.abort();
    }
  } catch (error) {
    if (!leaves.signal.aborted) throw error;
  }
  return { status, text, tokens, first };
}
