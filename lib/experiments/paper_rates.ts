/** Seconds that continuing one prompt 25 times takes GPT-2-Large with a reward model of GPT-2-small on 2 cores, roughly. */
export const secondsToContinue = 15;

/** Seconds that judging these takes GPT-2-XL there. */
export const secondsToJudge = 26;

/** Tokens a second that GPT-2-small learns from there. */
const tokensPerSecond = 220;

/** What reading a text takes a teacher of that size, as a part of a step of learning from it. */
const reading = 0.3;

/** Bytes of a corpus, as published, for each token of its texts: Parquet is compressed, and CSV has more columns. */
const bytesPerToken = { csv: 7, parquet: 3.4 } as const;

/** Tokens of a corpus of so many bytes, roughly. */
export function tokensOf(bytes: number, format: keyof typeof bytesPerToken): number {
  return bytes / bytesPerToken[format];
}

/** Seconds that GPT-2-small learns from texts on 2 cores, roughly. A teacher reads each of them once, in the first epoch. */
export function trainingSeconds(
  tokens: number,
  { epochs, isDistilled }: { readonly epochs: number; readonly isDistilled: boolean },
): number {
  return tokens * (epochs + (isDistilled ? reading : 0)) / tokensPerSecond;
}
