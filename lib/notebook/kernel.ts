/** The part of `Deno.jupyter` used here; the namespace is typed only with unstable features on. */
export interface NotebookKernel {
  broadcast(type: string, content: Record<string, unknown>): unknown;
}

/** The notebook's kernel, if this runs in one: elsewhere `Deno.jupyter` is a getter that throws. */
export function notebookKernel(): NotebookKernel | undefined {
  try {
    return (Deno as unknown as { jupyter?: NotebookKernel }).jupyter;
  } catch {
    return undefined;
  }
}
