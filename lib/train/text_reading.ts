import type { Objective } from "./objective.ts";

/** What a run reads of its texts before its first step, with a model that stays as it is. */
export interface TextReading {
  /** Bytes of what is kept of the texts, where it is kept. */
  readonly kept: number;
  /** Bytes that reading takes beside. */
  readonly working: number;
  /**
   * Reads the texts.
   *
   * @param keep whether what was read is kept, or read again for every batch.
   * @returns what is trained then; undefined if the signal came before.
   */
  read(
    options: { readonly keep: boolean; readonly signal?: AbortSignal },
  ): Promise<ReadPlan | undefined>;
}

/** What is trained of texts that were read. */
export interface ReadPlan extends AsyncDisposable {
  readonly objective: Objective;
  readonly initial: ReadonlyMap<string, Float32Array>;
}
