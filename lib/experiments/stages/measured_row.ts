/** What judges say of the continuations of one prompt. */
export interface MeasuredRow {
  readonly prompt: string;
  /** The attribute of each continuation, in [0, 1]; null where there is no score. */
  readonly scores: readonly (number | null)[];
  /** What a second judge says of them, where there is one. */
  readonly check?: readonly (number | null)[];
  /** Negative log-likelihood of each continuation after its prompt, in nats, summed over its words or tokens. */
  readonly nats: readonly number[];
  /** How many words or tokens each has. */
  readonly units: readonly number[];
}
