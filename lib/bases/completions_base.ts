import type { Tokenizer } from "../data/tokenizer.ts";
import { tokenizerKind } from "../data/tokenizer_kind.ts";
import { type Fact, longestTextFact } from "../inference/model_look.ts";
import { requireRoom } from "../inference/text_room.ts";
import { displayedAs } from "../notebook/display.ts";
import { tableLook } from "../notebook/table_look.ts";
import type { OptionsOf, OptionTable, SettledOptions } from "../options/option.ts";
import { checkArgument, settle } from "../options/settle.ts";
import { floats, rowsOf, valueOf } from "../runtime/value.ts";
import type { BaseModel, BaseReading, Candidates, StartOptions } from "./base_model.ts";
import {
  CompletionsClient,
  completionsClientOptions,
  RefusedRequest,
} from "./completions_client.ts";
import { type NamedToken, OneChoice, topTokensIn } from "./completions_answer.ts";
import { TokenNames } from "./token_names.ts";

export const promptForms = ["ids", "text"] as const;
export type PromptForm = typeof promptForms[number];

/** What `openCompletionsBase` takes. */
export const completionsBaseOptions = {
  model: {
    type: "text",
    flag: false,
    defaultHelp: "the only one that it lists",
    help: "what the server calls the model",
  },
  logprobs: {
    type: "integer",
    min: 1,
    flag: false,
    defaultHelp: "not known",
    help:
      "most log-probabilities a step that the server gives, which then is the largest k; OpenAI gives 5",
  },
  prompts: {
    type: "choice",
    of: promptForms,
    default: "ids",
    flag: false,
    help:
      "how texts are sent: as token ids, exactly as they are, or as text, to servers that take nothing else; these split it into tokens by themselves, perhaps not into the same, and put special tokens before it",
  },
  vocabularySize: {
    type: "integer",
    min: 1,
    flag: false,
    former: ["vocabulary"],
    defaultHelp: "the tokenizer's",
    help: "the number of tokens",
  },
  longestText: {
    type: "integer",
    min: 1,
    flag: false,
    defaultHelp: "what the server says when it lists its models, or no limit",
    help: "longest text that the model can continue, in tokens",
  },
  ...completionsClientOptions,
} as const satisfies OptionTable;

/** What `openCompletionsBase` takes. */
export type CompletionsBaseOptions = OptionsOf<typeof completionsBaseOptions>;

/** The probability left out of a step from which on it is said. */
const noticed = 0.05;

/** A setting of vLLM's, to name tokens by their ids; other servers ignore it, or refuse it by its name. */
const namesAsIds = "return_tokens_as_token_ids";

/**
 * Opens a model behind an OpenAI-compatible completions server, to be steered: a black box that is seen only through
 * the log-probabilities of its likeliest tokens (`/v1/completions` with `max_tokens: 1` and `logprobs: k`). One
 * request a step carries the whole batch, and all of each text; to servers that take one text only, one goes for each.
 *
 * Log-probabilities are logits up to a constant a row, so guidance and sampling are those of the same model opened
 * here. Servers that name tokens by their text, not by their ids or bytes, cannot tell all tokens apart: those of an
 * ambiguous name are left out, which is said once where they are likely. Where a row then has fewer than k candidates, others with logits of −∞ fill it, which are never
 * drawn.
 *
 * @param url the server: `https://host`, `https://host/v1`, or the whole address that ends in `/completions`. A query, as in
 *   `?api-version=2024-02-01`, goes with every request.
 * @param tokenizer the model's.
 * @throws {TypeError} if the address is not one of HTTP.
 * @throws {Error} one sentence, if no model is named and the server does not list exactly one.
 */
export async function openCompletionsBase(
  url: string,
  tokenizer: Tokenizer,
  options: CompletionsBaseOptions = {},
): Promise<BaseModel> {
  checkArgument("openCompletionsBase", "url", { type: "text" }, url);
  checkArgument("openCompletionsBase", "tokenizer", tokenizerKind, tokenizer);
  const settled = settle("openCompletionsBase", completionsBaseOptions, options);
  const client = new CompletionsClient(url, settled);
  const { model, longestText } = settled.model === undefined
    ? await onlyModel(client)
    : { model: settled.model };
  const base = new CompletionsBase(client, model, tokenizer, {
    ...settled,
    longestText: settled.longestText ?? longestText,
  });
  return displayedAs(
    base,
    () => tableLook({ title: "Language model behind a server", facts: base.facts() }),
  );
}

async function onlyModel(
  client: CompletionsClient,
): Promise<{ model: string; longestText?: number }> {
  const { data } = (await client.request("/models") ?? {}) as { data?: unknown };
  // those that are made of another one, as adapters and steered models are, have a parent
  const models = (Array.isArray(data) ? data : []).filter((entry) =>
    typeof entry?.id === "string" && typeof entry.parent !== "string"
  ) as { id: string; max_model_len?: unknown }[];
  if (models.length !== 1) {
    const listed = models.map(({ id }) => id).join(", ");
    throw new Error(
      `The server at ${client.root} lists ${models.length} models${
        listed && ` (${listed})`
      }: name the one to use.`,
    );
  }
  const [{ id, max_model_len: longest }] = models;
  return { model: id, longestText: typeof longest === "number" ? longest : undefined };
}

class CompletionsBase implements BaseModel {
  readonly vocabulary: number;
  readonly ends: readonly number[];
  readonly longestText: number;
  readonly refusals: NonNullable<BaseModel["refusals"]>;
  readonly #client: CompletionsClient;
  readonly #model: string;
  readonly #tokenizer: Tokenizer;
  readonly #names: TokenNames;
  readonly #logprobs: number;
  readonly #prompts: PromptForm;
  #asksForIds = true;
  #takesLists = true;
  #warned = false;

  constructor(
    client: CompletionsClient,
    model: string,
    tokenizer: Tokenizer,
    options: SettledOptions<typeof completionsBaseOptions>,
  ) {
    const { logprobs = Infinity, prompts, longestText = Infinity } = options;
    this.vocabulary = options.vocabularySize ?? tokenizer.vocabSize;
    this.ends = [tokenizer.endOfText];
    this.longestText = longestText - (tokenizer.begin?.length ?? 0);
    this.refusals = {
      repetitionPenalty:
        `The server at ${client.root} tells log-probabilities, and a repetition penalty is of logits: leave it out.`,
      allTokens:
        `The server at ${client.root} tells the likeliest tokens only, and here the logits of all are needed: rate the top k, and ` +
        "put it into no formula but as the base.",
      ...(prompts === "text"
        ? {
          chat:
            `The server at ${client.root} is sent text, in which the special tokens of a chat template are lost: ` +
            "let it be sent token ids.",
        }
        : {}),
    };
    this.#client = client;
    this.#model = model;
    this.#tokenizer = tokenizer;
    this.#names = new TokenNames(tokenizer);
    this.#logprobs = logprobs;
    this.#prompts = prompts;
  }

  /** What is known of it: it is seen through its log-probabilities only. */
  facts(): Fact[] {
    return [
      ["server", this.#client.root],
      ["model", this.#model],
      ["vocabulary", `${this.vocabulary.toLocaleString("en-US")} tokens`],
      longestTextFact(this),
      ["largest k", this.#logprobs === Infinity ? "not known" : `${this.#logprobs}`],
      ["texts are sent as", this.#prompts === "ids" ? "token ids" : "text"],
    ];
  }

  begin(prompt: readonly number[]): readonly number[] {
    const ids = [...this.#tokenizer.begin ?? [], ...prompt];
    return ids.length > 0 ? ids : this.ends;
  }

  async start(
    prompts: readonly (readonly number[])[],
    k?: number,
    { begun = false }: StartOptions = {},
  ): Promise<BaseReading> {
    if (k === undefined) {
      throw new RangeError(
        `The server at ${this.#client.root} gives the logits of the likeliest tokens only: choose a k.`,
      );
    }
    if (k > this.#logprobs) {
      throw new RangeError(
        `The server at ${this.#client.root} gives ${this.#logprobs} log-probabilities at most, and ${k} ` +
          `candidates are asked for: choose a k of ${this.#logprobs} or less.`,
      );
    }
    const texts = begun ? prompts : prompts.map((prompt) => this.begin(prompt));
    const room = this.longestText + (this.#tokenizer.begin?.length ?? 0);
    texts.forEach(({ length }, i) => requireRoom(`Text ${i + 1}`, length, room));
    const next = (texts: readonly (readonly number[])[]) => this.#next(texts, k);
    return new CompletionsReading(next, texts, await next(texts));
  }

  /** The candidates after each text. */
  async #next(texts: readonly (readonly number[])[], k: number): Promise<Candidates> {
    const ids = new BigInt64Array(texts.length * k);
    const logits = new Float32Array(texts.length * k).fill(-Infinity);
    (await this.#topTokens(texts, k)).forEach((named, row) => {
      const known = this.#candidatesIn(named, k);
      known.forEach(({ id, logprob }, i) => {
        ids[row * k + i] = BigInt(id);
        logits[row * k + i] = logprob;
      });
      const taken = new Set(known.map(({ id }) => id));
      for (let i = known.length, filler = 0; i < k; i++, filler++) {
        while (taken.has(filler)) filler++;
        ids[row * k + i] = BigInt(filler);
      }
    });
    return {
      ids: valueOf("int64", [texts.length, k], ids),
      logits: floats([texts.length, k], logits),
    };
  }

  /** Asks for the whole batch at once, or text by text where the server takes no list of prompts. */
  async #topTokens(texts: readonly (readonly number[])[], k: number): Promise<NamedToken[][]> {
    const prompts = this.#prompts === "ids"
      ? texts
      : texts.map((ids) => this.#tokenizer.decode(ids));
    if (this.#takesLists) {
      try {
        const answer = await this.#ask(prompts, k);
        return topTokensIn(answer, texts.length, this.#client.root);
      } catch (error) {
        if (!(isRefusedList(error) || error instanceof OneChoice)) throw error;
        const tops = await this.#oneByOne(prompts, k).catch(() => {
          // what the server said of the usual form says more
          throw error;
        });
        this.#takesLists = false;
        return tops;
      }
    }
    return await this.#oneByOne(prompts, k);
  }

  async #oneByOne(prompts: readonly Prompt[], k: number): Promise<NamedToken[][]> {
    const tops: NamedToken[][] = [];
    for (const prompt of prompts) {
      tops.push(...topTokensIn(await this.#ask(prompt, k), 1, this.#client.root));
    }
    return tops;
  }

  async #ask(prompt: Prompt | readonly Prompt[], k: number): Promise<unknown> {
    const body = {
      model: this.#model,
      prompt,
      max_tokens: 1,
      // so that servers which give the log-probabilities after these settings give the model's own
      temperature: 1,
      top_p: 1,
      logprobs: k,
    };
    if (this.#asksForIds) {
      try {
        return await this.#client.request("/completions", { ...body, [namesAsIds]: true });
      } catch (error) {
        const unknown = error instanceof RefusedRequest && error.text.includes(namesAsIds);
        if (!unknown) throw error;
        this.#asksForIds = false;
      }
    }
    return await this.#client.request("/completions", body);
  }

  /** The k likeliest tokens of a row whose ids are certain, likeliest first. */
  #candidatesIn(named: readonly NamedToken[], k: number): { id: number; logprob: number }[] {
    const known = new Map<number, number>();
    let ambiguous = false;
    let leftOut = 0;
    for (const { token, bytes, logprob } of named) {
      const id = typeof token === "number" ? token : this.#idOf(token, bytes);
      if (typeof id !== "number") leftOut += Math.exp(logprob);
      if (id === "ambiguous") ambiguous = true;
      else if (id !== undefined) {
        if (id >= this.vocabulary) {
          throw new RangeError(
            `The server at ${this.#client.root} gave token ${id}, but its tokenizer has ${this.vocabulary}: ` +
              "name the tokenizer of the server's model.",
          );
        }
        known.set(id, Math.max(logprob, known.get(id) ?? -Infinity));
      }
    }
    // tokens of one name are one entry in the answer, and only such names make it shorter than was asked for
    if (named.length < k && !ambiguous) {
      throw new RangeError(
        `The server at ${this.#client.root} gave ${named.length} log-probabilities where ${k} were asked for: ` +
          `choose a k of ${named.length} or less (OpenAI gives 5).`,
      );
    }
    if (known.size === 0) {
      const names = named.slice(0, 5).map(({ token }) => JSON.stringify(token)).join(", ");
      throw new Error(
        `The server at ${this.#client.root} named the tokens ${names}, none of which can be told: name the ` +
          "tokenizer of the server's model.",
      );
    }
    this.#warnOf(leftOut);
    return [...known]
      .map(([id, logprob]) => ({ id, logprob }))
      .sort((a, b) => b.logprob - a.logprob || a.id - b.id)
      .slice(0, k);
  }

  #idOf(name: string, bytes: readonly number[] | undefined): number | "ambiguous" | undefined {
    const told = bytes && this.#names.idOfBytes(bytes);
    return typeof told === "number" ? told : this.#names.idOf(name) ?? told;
  }

  /** Says once that likely tokens cannot be drawn. */
  #warnOf(leftOut: number): void {
    if (this.#warned || leftOut < noticed) return;
    this.#warned = true;
    console.error(
      `Warning: the server at ${this.#client.root} names tokens by their text, and ${
        Math.round(100 * leftOut)
      } % of the probability after a text is of tokens whose names fit several or none, which are left out: ` +
        "use a server that names tokens by their ids.",
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** A text as it is sent. */
type Prompt = string | readonly number[];

/** Servers that take one prompt only refuse a list of them as a wrong request. */
function isRefusedList(error: unknown): boolean {
  return error instanceof RefusedRequest && [400, 415, 422].includes(error.status);
}

/** Texts that a server continues; it is told all of each at every step. */
class CompletionsReading implements BaseReading {
  readonly #next: (texts: readonly (readonly number[])[]) => Promise<Candidates>;
  #texts: readonly (readonly number[])[];
  candidates: Candidates;

  constructor(
    next: (texts: readonly (readonly number[])[]) => Promise<Candidates>,
    texts: readonly (readonly number[])[],
    candidates: Candidates,
  ) {
    this.#next = next;
    this.#texts = texts;
    this.candidates = candidates;
  }

  async step(tokens: readonly number[]): Promise<void> {
    this.#texts = this.#texts.map((text, row) => [...text, tokens[row]]);
    this.candidates = await this.#next(this.#texts);
  }

  select(rows: readonly number[]): Promise<void> {
    this.#texts = rows.map((row) => this.#texts[row]);
    const { ids, logits } = this.candidates;
    this.candidates = { ids: rowsOf(ids!, rows), logits: rowsOf(logits, rows) };
    return Promise.resolve();
  }

  [Symbol.dispose](): void {}
}
