import type { Random } from "../../lib/random.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A value in a document, by what holds it. */
interface Place {
  readonly holder: Json[] | { [key: string]: Json };
  readonly key: string | number;
}

const deep = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

/** Values that programs are often not prepared for; nested lists are written into the text afterwards. */
const oddValues: readonly Json[] = [
  ...[null, true, false, 0, -1, 1, 2, 0.5, -0.5, 1e9, 2 ** 24, 2 ** 31, 2 ** 32, 2 ** 53],
  ...[1e21, 1e308, -1e308, 5e-324, "", " ", "\0", "0", "1e999", "a".repeat(300), "é🎬", "\ud800"],
  ...["__proto__", "constructor", "toString", "../../outside", "/etc/passwd", "\n", "[", "null"],
  ...[[], {}, [[]], [null], [0], [""], { a: 1 }, { content: "a" }, { type: "a" }],
];

/** Written in place of a marked text, since they are no JSON, or too deep for a program that writes JSON. */
const marker = "\u0001odd\u0001";
const oddTexts = ["NaN", "Infinity", "-Infinity", "1e999", "-0", "4.0", deep(100), deep(5000)];

/** A JSON text with one to four values replaced, left out, renamed, doubled, swapped or changed a little. */
export function mutateJson(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  let text: string;
  try {
    const root = { document: JSON.parse(new TextDecoder().decode(bytes)) };
    for (let count = 1 + random.integer(random.integer(3) ? 2 : 4); count > 0; count--) {
      change(random, root);
    }
    text = JSON.stringify(root.document) ?? "";
  } catch {
    return bytes; // no longer JSON, or nested too deeply, by an earlier change
  }
  const odd = oddTexts[random.integer(oddTexts.length)];
  return new TextEncoder().encode(text.replaceAll(JSON.stringify(marker), odd));
}

/** Goes down from the root, a step at a time, and stops somewhere. */
function placeIn(random: Random, root: { document: Json }): Place {
  let place: Place = { holder: root, key: "document" };
  while (true) {
    const value = valueAt(place);
    if (typeof value !== "object" || value === null) return place;
    const keys = Array.isArray(value) ? value.length : Object.keys(value);
    const count = typeof keys === "number" ? keys : keys.length;
    if (count === 0 || (value !== root.document && random.integer(4) === 0)) return place;
    const chosen = random.integer(count);
    place = { holder: value, key: typeof keys === "number" ? chosen : keys[chosen] };
  }
}

function valueAt({ holder, key }: Place): Json {
  return (holder as Record<string | number, Json>)[key];
}

function put({ holder, key }: Place, value: Json): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function change(random: Random, root: { document: Json }): void {
  const place = placeIn(random, root);
  const { holder, key } = place;
  const value = valueAt(place);
  switch (random.integer(9)) {
    case 0:
      return put(place, oddValues[random.integer(oddValues.length)]);
    case 1:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 2:
      return put(place, structuredClone(valueAt(placeIn(random, root))));
    case 3:
      return put(place, random.integer(2) ? [value] : { [String(key)]: value });
    case 4:
      if (Array.isArray(holder)) return void holder.splice(Number(key), 0, structuredClone(value));
      return put({ holder, key: renamed(random, String(key)) }, value);
    case 5: {
      const other = placeIn(random, root);
      const [left, right] = [structuredClone(value), structuredClone(valueAt(other))];
      put(place, right);
      return put(other, left);
    }
    case 6:
      return put(place, marker);
    default:
      return put(place, beside(random, value));
  }
}

function renamed(random: Random, key: string): string {
  return ["__proto__", "constructor", "", key + "x", key.slice(1), key.toUpperCase()][
    random.integer(6)
  ];
}

/** A value like another. */
function beside(random: Random, value: Json): Json {
  if (typeof value === "number") {
    return [value + 1, value - 1, -value, value * 2, value + 0.5, value * 1e6, `${value}`][
      random.integer(7)
    ];
  }
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") {
    const at = random.integer(value.length + 1);
    return [
      value.slice(0, at),
      value.slice(at),
      value + value,
      value.slice(0, at) + String.fromCharCode(random.integer(0x180)) + value.slice(at + 1),
      value.slice(0, at) + "\ud83c" + value.slice(at),
      value.slice(0, at) + "(.*)+[" + value.slice(at),
    ][random.integer(6)];
  }
  if (Array.isArray(value)) {
    return random.integer(2) ? value.toReversed() : [...value, ...value].slice(0, 1000);
  }
  return value === null ? 0 : Object.keys(value);
}
