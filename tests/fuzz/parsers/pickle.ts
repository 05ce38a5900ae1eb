import { fileURLToPath } from "node:url";
import type { Random } from "../../../lib/random.ts";
import { type Archive, readArchive } from "../../../lib/weights/pytorch/archive.ts";
import { PickleError, unpickle } from "../../../lib/weights/pytorch/pickle.ts";
import { openStateDict } from "../../../lib/weights/pytorch/state_dict.ts";
import { tensorReader } from "../../../lib/weights/pytorch/tensors.ts";
import { op, pickled, torchFile } from "../../torch_file.ts";
import { join } from "node:path";
import { inFiles } from "../in_files.ts";
import { joined } from "../joined.ts";
import { mutateBytes } from "../mutate.ts";
import type { Parser } from "../parser.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const files = new URL("../../weights/pytorch/files/", import.meta.url);
const names = ["values", "nested", "module", "rad"] as const;
const pathOf = (name: string) => fileURLToPath(new URL(`${name}.bin`, files));

const memo = [0, 1, 2, 7, 255, 0xffff_ffff];

/** Instructions that a pickle may be made of, and some that none of ours is. */
const instructions: readonly (readonly number[])[] = [
  ...[..."()]}NRbstuaeQ0123olihjJKMqrpgGILFSTUVX.cBC"].map((code) => [code.charCodeAt(0)]),
  ...Array.from({ length: 0x18 }, (_, i) => [0x80 + i]),
  ...memo.flatMap((index) => [[0x71, index & 255], [0x68, index & 255]]),
  ...memo.map((index) => [0x6a, ...[0, 8, 16, 24].map((shift) => index >>> shift & 255)]),
  pickled.text("storage"),
  pickled.text("é"),
  ...[0, 1, 3, 2 ** 31, 2 ** 53 - 1].map(pickled.number),
  [0x8a, 8, ...Array<number>(8).fill(255)],
  pickled.orderedDict,
  pickled.tuple(pickled.number(2), pickled.number(3)),
  pickled.storage("FloatStorage", "0", 4),
  pickled.tensor(pickled.storage("FloatStorage", "0", 4), 0, [2, 2], [2, 1]),
  pickled.tensor(pickled.storage("HalfStorage", "1", 2 ** 40), 2 ** 40, [2 ** 27, 2 ** 27], [0, 0]),
  pickled.global("os", "system"),
  pickled.global("builtins", "eval"),
  pickled.global("__proto__", "constructor"),
  pickled.global("collections", "OrderedDict"),
  pickled.global("torch._utils", "_rebuild_parameter"),
  [op.mark, ...pickled.text("ls"), op.tuple, op.reduce],
];

/** Instructions put in, put in place of others, or taken out. */
function mutatePickle(random: Random, bytes: Bytes): Bytes {
  let changed = bytes;
  for (let count = 1 + random.integer(4); count > 0; count--) {
    const at = random.integer(changed.length + 1);
    const piece = instructions[random.integer(instructions.length)];
    const times = random.integer(12) ? 1 : 1 + random.integer(200);
    const put = joined(...Array.from({ length: times }, () => Uint8Array.from(piece)));
    const replaced = random.integer(2) ? 0 : random.integer(8);
    changed = joined(changed.subarray(0, at), put, changed.subarray(at + replaced));
  }
  return random.integer(4) ? changed : mutateBytes(random, changed);
}

/** The description of tensors in files that PyTorch saved; what it may name is in their archives. */
export const pickle: Parser = {
  title: "the pickle in a PyTorch file",
  cases: 1e6,
  mutate: mutatePickle,
  seeds: () =>
    Promise.all(names.map(async (name) => {
      const { offset, byteLength } = (await readArchive(pathOf(name))).get("data.pkl")!;
      return { [name]: (await Deno.readFile(pathOf(name))).slice(offset, offset + byteLength) };
    })),
  refuses: (error) => error instanceof PickleError && error.message.length < 400,
  open: async () => {
    const archives = new Map<string, Archive>();
    for (const name of names) archives.set(name, await readArchive(pathOf(name)));
    return (input) => {
      const [[name, bytes]] = Object.entries(input);
      unpickle(bytes, tensorReader(archives.get(name)!));
    };
  },
};

const half = new Uint16Array([0x3c00, 0xc100]);

/** A whole file, as `openStateDict` reads it. */
export const stateDict: Parser = {
  title: "a PyTorch file: a zip archive with a pickle and storages",
  cases: 1e5,
  words: ["PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "data.pkl", "byteorder", "../", "code/"],
  seeds: async () => [
    { "a.bin": torchFile({ a: { data: Float32Array.of(1, 2) } }) },
    {
      "a.bin": torchFile({
        a: { data: half, parameter: true },
        b: { data: half, offset: 1, shape: [1, 1] },
        c: { data: Float64Array.of(1, 2, 3, 4), shape: [2, 2], strides: [1, 2] },
      }),
    },
    { "a.bin": await Deno.readFile(pathOf("nested")) },
  ],
  open: (folder) =>
    inFiles(folder, async () => {
      const file = await openStateDict(join(folder, "a.bin"));
      for (const name of file.tensors.keys()) await file.read(name);
    }),
};
