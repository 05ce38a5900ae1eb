/** What a function writes to standard error by `console.error`, a line each. */
export async function saidBy(work: () => Promise<unknown>): Promise<string[]> {
  const { error } = console;
  const said: string[] = [];
  console.error = (...words: unknown[]) => void said.push(words.join(" "));
  try {
    await work();
  } finally {
    console.error = error;
  }
  return said;
}
