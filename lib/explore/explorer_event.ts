/** Which of the two texts of a sample. */
export type Side = "steered" | "unsteered";

/** A token that could have been taken, as the page shows it. */
export interface ShownCandidate {
  /** What it adds to the text, with control characters, and blanks at its ends, made visible. */
  readonly text: string;
  /** The base model's logit; absent where it is −∞. */
  readonly logit?: number;
  /** From 0 to 1. */
  readonly reward?: number;
  /** What guidance adds to the logit, β r. */
  readonly added: number;
  /** Its probability before and after guidance. */
  readonly before: number;
  readonly after: number;
}

/** A token that was written, and what it was chosen from. */
export interface ShownToken {
  readonly candidates: readonly ShownCandidate[];
  /** The candidate that was taken, and the one that the same draw takes without guidance. */
  readonly taken: number;
  readonly unsteered: number;
}

/** One line of the answer to a page, as JSON. */
export type ExplorerEvent =
  /** Comes first: the prompt as it is to be shown. */
  | { readonly kind: "prompt"; readonly text: string }
  /**
   * What a text goes on with, with control characters made visible: as a rule of one token, of several where these
   * are one character.
   */
  | {
    readonly kind: "piece";
    readonly side: Side;
    /** Which sample of that side, from 0. */
    readonly sample: number;
    readonly text: string;
    readonly tokens: readonly ShownToken[];
    /** Whether it is the token that ends the text. */
    readonly isEnd: boolean;
  }
  /** Nothing more comes of this text. */
  | {
    readonly kind: "end";
    readonly side: Side;
    readonly sample: number;
    readonly tokens: number;
    /** Tokens a second after the first; absent where there was only one. */
    readonly rate?: number;
  }
  /** What went wrong, in one sentence; nothing more comes. */
  | { readonly kind: "error"; readonly message: string };
