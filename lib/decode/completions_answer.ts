/** One of the likeliest tokens, by its id or by what the server calls it. */
export interface NamedToken {
  readonly token: number | string;
  /** Natural logarithm; −∞ where the server gives no number. */
  readonly logprob: number;
}

/**
 * The likeliest tokens after each of `rows` prompts, from what `/v1/completions` answered. Two forms are read:
 * OpenAI's, `logprobs.top_logprobs: [{name: logprob, …}]`, where vLLM may name tokens `token_id:123`, and that of the
 * chat interface, which llama.cpp uses here too, `logprobs.content: [{top_logprobs: [{id, token, logprob}, …]}]`.
 *
 * @param where the server, for errors.
 * @throws {SyntaxError} if it is not such an answer; one sentence.
 */
export function topTokensIn(answer: unknown, rows: number, where: string): NamedToken[][] {
  const { choices } = (answer ?? {}) as { choices?: unknown };
  if (!Array.isArray(choices)) {
    throw new SyntaxError(
      `The answer of the server at ${where} has no choices: check that it is a completions server.`,
    );
  }
  const tops: NamedToken[][] = [];
  choices.forEach((choice, i) => {
    tops[choice?.index ?? i] = topTokensOf(choice, where);
  });
  if (choices.length !== rows || Object.keys(tops).length !== rows || tops.length !== rows) {
    throw new SyntaxError(
      `The server at ${where} answered ${choices.length} choices to ${rows} prompts: check that it takes a ` +
        "list of prompts, or continue one text at a time.",
    );
  }
  return tops;
}

function topTokensOf(choice: unknown, where: string): NamedToken[] {
  const { logprobs } = (choice ?? {}) as {
    logprobs?: { top_logprobs?: unknown[]; content?: { top_logprobs?: unknown }[] } | null;
  };
  const named = logprobs?.top_logprobs?.[0];
  if (typeof named === "object" && named !== null) {
    return Object.entries(named).map(([name, logprob]) => {
      const id = /^token_id:(\d+)$/.exec(name)?.[1];
      return { token: id === undefined ? name : Number(id), logprob: numberOf(logprob) };
    });
  }
  const listed = logprobs?.content?.[0]?.top_logprobs;
  if (Array.isArray(listed)) {
    return listed.map((entry) => {
      const { id, token, logprob } = (entry ?? {}) as Record<string, unknown>;
      return {
        token: typeof id === "number" ? id : String(token),
        logprob: numberOf(logprob),
      };
    });
  }
  throw new SyntaxError(
    `The answer of the server at ${where} has no top log-probabilities: choose a server or model that gives them.`,
  );
}

function numberOf(logprob: unknown): number {
  return typeof logprob === "number" ? logprob : -Infinity;
}
