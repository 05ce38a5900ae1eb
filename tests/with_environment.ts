/**
 * Runs `test` while the environment has these variables. Test files that run at once share one environment: only what no
 * other file looks for may be set, and processes that a test starts are given theirs instead.
 */
export async function withEnvironment(
  variables: Readonly<Record<string, string>>,
  test: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await test();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}
