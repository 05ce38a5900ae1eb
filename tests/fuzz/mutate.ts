import { extname } from "node:path";
import type { Random } from "../../lib/random.ts";
import { joined } from "./joined.ts";
import { mutateJson } from "./mutate_json.ts";
import { mutateSafetensors } from "./mutate_safetensors.ts";
import type { Input, Parser } from "./parser.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The input of a case: one of the seeds, most often with a few changes, which follow from seed and index alone. */
export function mutated(random: Random, seeds: readonly Input[], parser: Parser): Input {
  const input = { ...seeds[random.integer(seeds.length)] };
  const names = Object.keys(input);
  for (let changes = random.integer(10) < 7 ? 1 : 2; changes > 0; changes--) {
    const name = names[random.integer(names.length)];
    const other = seeds[random.integer(seeds.length)][name] ?? input[name];
    input[name] = mutatedFile(random, name, input[name], other, parser);
  }
  return input;
}

/** How files are changed as their form has it. */
const byEnding: Readonly<Record<string, Parser["mutate"]>> = {
  ".json": mutateJson,
  ".safetensors": mutateSafetensors,
};

function mutatedFile(
  random: Random,
  name: string,
  bytes: Bytes,
  other: Bytes,
  { mutate, words = [] }: Parser,
): Bytes {
  const inForm = mutate ?? byEnding[extname(name)];
  if (inForm && random.integer(4) > 0) return inForm(random, bytes);
  return mutateBytes(random, bytes, words, other);
}

/** Values that lengths, counts and offsets are often not prepared for. */
const oddIntegers = [
  ...[0n, 1n, 2n, 7n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fff_ffffn, 0x8000_0000n],
  ...[0xffff_ffffn, 0x1_0000_0000n, 0x1f_ffff_ffff_ffffn, 0x20_0000_0000_0000n],
  ...[0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_fffen, 0xffff_ffff_ffff_ffffn],
];

/** One to eight changes of bytes: bits turned, numbers, pieces moved, doubled, cut out, or taken from elsewhere. */
export function mutateBytes(
  random: Random,
  bytes: Bytes,
  words: readonly string[] = [],
  other: Bytes = bytes,
): Bytes {
  let changed = bytes;
  for (let count = 1 + random.integer(random.integer(2) ? 2 : 8); count > 0; count--) {
    changed = changedOnce(random, changed, words, other);
  }
  return changed;
}

function changedOnce(
  random: Random,
  bytes: Bytes,
  words: readonly string[],
  other: Bytes,
): Bytes {
  const { length } = bytes;
  const at = random.integer(length + 1);
  // short pieces more often than long ones
  const size = (limit: number) => random.integer(1 + random.integer(1 + Math.max(0, limit)));
  switch (random.integer(words.length > 0 ? 9 : 8)) {
    case 0: {
      if (length === 0) return bytes;
      const copy = bytes.slice();
      copy[at % length] ^= 1 << random.integer(8);
      return copy;
    }
    case 1: {
      if (length === 0) return bytes;
      const copy = bytes.slice();
      copy[at % length] = random.integer(256);
      return copy;
    }
    case 2:
    case 3:
      return withInteger(random, bytes);
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(at + size(length - at)));
    case 5: {
      const from = random.integer(other.length + 1);
      const piece = other.subarray(from, from + Math.min(size(other.length - from), 4096));
      return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
    }
    case 6:
      return random.integer(3) ? bytes.slice(0, at) : joined(bytes, bytes.subarray(at));
    case 7: {
      const random4 = Uint8Array.from({ length: 1 + random.integer(4) }, () => random.integer(256));
      return joined(bytes.subarray(0, at), random4, bytes.subarray(at + random.integer(2)));
    }
    default: {
      const word = encoder.encode(words[random.integer(words.length)]);
      const replaced = random.integer(2) ? word.length : size(16);
      return joined(bytes.subarray(0, at), word, bytes.subarray(at + replaced));
    }
  }
}

/** A number of one to eight bytes in place of what is there: an odd one, or one beside what was there. */
function withInteger(random: Random, bytes: Bytes): Bytes {
  const width = 1 << random.integer(4);
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  const at = random.integer(copy.length - width + 1);
  const isLittle = random.integer(4) > 0;
  const place = (i: number) => at + (isLittle ? i : width - 1 - i);
  let before = 0n;
  for (let i = width - 1; i >= 0; i--) before = before << 8n | BigInt(copy[place(i)]);
  const chosen = [
    oddIntegers[random.integer(oddIntegers.length)],
    before + BigInt(random.integer(17) - 8),
    before * 2n,
    BigInt(bytes.length) + BigInt(random.integer(17) - 8),
  ][random.integer(4)];
  let value = BigInt.asUintN(8 * width, chosen);
  for (let i = 0; i < width; i++, value >>= 8n) copy[place(i)] = Number(value & 0xffn);
  return copy;
}

const encoder = new TextEncoder();
