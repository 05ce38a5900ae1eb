/** Ops whose result is their first input, seen in another shape. */
export const views: ReadonlySet<string> = new Set(["Reshape", "Unsqueeze", "Identity"]);
