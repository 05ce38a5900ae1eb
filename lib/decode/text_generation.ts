import type { ChatMessage } from "../chat/chat_message.ts";
import type { LogProbabilities } from "./log_probabilities.ts";
import type { TokenTrace } from "./token_trace.ts";

/** A prompt and its continuations. */
export interface GeneratedTexts {
  /** The prompt; of the messages of a chat the last one. */
  readonly prompt: string;
  /** The messages of a chat, if they were given as such. */
  readonly messages?: readonly ChatMessage[];
  /** Texts that follow the prompt; the prompt itself is not repeated. */
  readonly continuations: readonly string[];
}

/** What was generated, and what it cost. Notebooks show it as text. */
export interface TextGeneration {
  readonly texts: GeneratedTexts[];
  /** Token ids, `[prompt][sample][token]`, without the token that ended a text, but with those of a stop string. */
  readonly ids: readonly (readonly (readonly number[])[])[];
  /** The tokens of each prompt; of a chat all that its template wrote out. */
  readonly promptIds: readonly (readonly number[])[];
  /**
   * Of every token that was drawn, `[prompt][sample][token]`, the one that ended a text included: the sum is the log-probability of
   * the whole text. There if it was asked for.
   */
  readonly logProbabilities?: LogProbabilities<readonly (readonly (readonly number[])[])[]>;
  /** Whether all texts were written, and the work was not stopped before. */
  readonly finished: boolean;
  readonly tokens: number;
  readonly backboneCalls: readonly number[];
  /**
   * What the tokens were chosen from, `[prompt][sample][token]`, the token that ended a text included. They are kept of
   * what notebooks show only: of the first prompts, and of the first continuations of each.
   */
  readonly traces?: readonly (readonly (readonly TokenTrace[])[])[];
}
