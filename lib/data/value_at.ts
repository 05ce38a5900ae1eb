/** The field of that name, or the one that a path such as `prompt.text` leads to; undefined where there is none. */
export function valueAt(row: unknown, name: string): unknown {
  if (!isObject(row)) return undefined;
  if (Object.hasOwn(row, name)) return row[name];
  const dot = name.indexOf(".");
  return dot < 0 ? undefined : valueAt(row[name.slice(0, dot)], name.slice(dot + 1));
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
