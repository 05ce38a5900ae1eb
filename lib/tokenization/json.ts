/** A JSON object as it was read. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list. @throws {Error} if it is none. */
export function objectsIn(value: unknown, name: string): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) {
    throw new Error(`${name} must be a list of objects`);
  }
  return value;
}

/** A text. @throws {Error} if it is none. */
export function textIn(value: unknown, name: string): string {
  if (typeof value !== "string") throw new Error(`${name} must be a text`);
  return value;
}

/** Refuses what a tokenizer could say and what is not known here. */
export function unknownType(part: string, { type }: JsonObject): never {
  throw new Error(`the ${part} ${JSON.stringify(type)} is not supported`);
}
