import { Environment, parse, tokenize } from "@huggingface/jinja";
import type { ChatMessage } from "./chat_message.ts";
import { LimitedInterpreter, limitedRange, TemplateLimit } from "./limited_interpreter.ts";
import { pythonDate } from "./python_date.ts";

/** Longest template, in characters; the longest in use has some twenty thousand. */
const longestTemplate = 200_000;

/** What a model's chat template is written out with. */
export interface ChatTemplateOptions {
  /** Special tokens by the names that the template has for them, such as `bos_token`. */
  readonly specialTokens?: Readonly<Record<string, string>>;
  /** What errors call it: its file. */
  readonly where?: string;
}

/**
 * A model's chat template, in Jinja: it writes messages out as the text that the model was trained to answer. Written out as
 * `apply_chat_template(messages, add_generation_prompt=True)` of transformers does it.
 *
 * Two things stay as the library does them, and not as Python's Jinja: a truth value or list that is written out is spelled as
 * JSON spells it, and what a turn of a loop wrote before it breaks off is lost.
 *
 * A template is anybody's program: it sees the messages and special tokens only, and one that takes too long, or makes too
 * much, is given up.
 */
export class ChatTemplate {
  readonly #source: string;
  readonly #specialTokens: Readonly<Record<string, string>>;
  readonly #where: string;
  #parsed: ReturnType<typeof parse> | undefined;

  constructor(source: string, { specialTokens = {}, where = "it" }: ChatTemplateOptions = {}) {
    this.#source = source;
    this.#specialTokens = specialTokens;
    this.#where = where;
  }

  /**
   * The text that asks for an answer to the messages.
   *
   * @throws {SyntaxError} if it is no template that can be read, or does not end within its limits.
   * @throws {TypeError} if it refuses the messages, as one that knows no system does.
   */
  render(messages: readonly ChatMessage[]): string {
    const program = this.#parsed ??= this.#parse();
    const environment = new Environment();
    const refuse = (message: unknown) => {
      throw new Refusal(String(message));
    };
    const globals = {
      true: true,
      True: true,
      false: false,
      False: false,
      none: null,
      None: null,
      raise_exception: refuse,
      range: limitedRange,
      strftime_now: (format: unknown) => pythonDate(new Date(), String(format)),
      ...this.#specialTokens,
      messages: messages.map(({ role, content }) => ({ role, content })),
      tools: null,
      documents: null,
      add_generation_prompt: true,
    };
    for (const [name, value] of Object.entries(globals)) environment.set(name, value);
    try {
      const { value } = new LimitedInterpreter(environment, this.#source.length).run(program);
      return value as string;
    } catch (cause) {
      if (cause instanceof Refusal) {
        throw new TypeError(
          `The chat template of ${this.#where} refuses the messages: ${cause.message}`,
        );
      }
      if (cause instanceof TemplateLimit) {
        throw new SyntaxError(
          `The chat template of ${this.#where} is given up: ${cause.message}.`,
        );
      }
      throw this.#unusable(cause);
    }
  }

  #parse(): ReturnType<typeof parse> {
    if (this.#source.length > longestTemplate) {
      throw new SyntaxError(
        `The chat template of ${this.#where} has ${this.#source.length} characters, more than ${longestTemplate}.`,
      );
    }
    try {
      return parse(tokenize(withoutGeneration(this.#source), {
        lstrip_blocks: true,
        trim_blocks: true,
      }));
    } catch (cause) {
      throw this.#unusable(cause);
    }
  }

  #unusable(cause: unknown): SyntaxError {
    // what the library's own code stumbles over says nothing to anybody
    const isWithin = cause instanceof TypeError || cause instanceof RangeError;
    const reason = isWithin
      ? "it is no whole template, or uses what is not known"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    return new SyntaxError(
      `The chat template of ${this.#where} cannot be used here (${reason.replace(/\s+/g, " ")}).`,
      { cause },
    );
  }
}

/** A block that marks what an assistant says, for training, is a block that is written out. */
function withoutGeneration(source: string): string {
  return source
    .replace(/\{%([-+]?)\s*generation\s*([-+]?)%\}/g, "{%$1 if true $2%}")
    .replace(/\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g, "{%$1 endif $2%}");
}

/** What a template says with `raise_exception`. */
class Refusal extends Error {}
