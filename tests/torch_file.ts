import { crc32 } from "node:zlib";
import type { TensorData } from "../lib/weights/safetensors_header.ts";

/** A tensor to be written as PyTorch does. */
export interface TorchTensor {
  readonly data: TensorData;
  /** Default: one dimension. */
  readonly shape?: readonly number[];
  /** Default: rows. */
  readonly strides?: readonly number[];
  /** Where it begins in its data. Default 0. */
  readonly offset?: number;
  /** PyTorch's name of the type of storage. Default: by the kind of array. */
  readonly type?: string;
  /** Whether it is a parameter rather than a plain tensor. */
  readonly parameter?: boolean;
}

/** A state dict as `torch.save` writes it. Tensors with the same array share a storage. */
export function torchFile(tensors: Readonly<Record<string, TorchTensor>>): Uint8Array<ArrayBuffer> {
  const storages: TensorData[] = [];
  const items = Object.entries(tensors).map(([name, tensor]) => {
    if (!storages.includes(tensor.data)) storages.push(tensor.data);
    return [...pickled.text(name), ...tensorPickle(tensor, storages.indexOf(tensor.data))];
  });
  const metadata = [
    ...pickled.emptyDict,
    ...pickled.text("_metadata"),
    ...pickled.orderedDict,
    op.setItem,
  ];
  return archiveOf(
    [...pickled.orderedDict, op.mark, ...items.flat(), op.setItems, ...metadata, op.build],
    storages,
  );
}

/** An archive with a pickle, without its first and last byte, and storages. */
export function archiveOf(
  pickle: readonly number[],
  storages: readonly TensorData[],
  more: Readonly<Record<string, string>> = { byteorder: "little" },
): Uint8Array<ArrayBuffer> {
  return zipFile({
    "archive/data.pkl": Uint8Array.of(op.proto, 2, ...pickle, op.stop),
    ...Object.fromEntries(
      Object.entries({ version: "3\n", ...more }).map(([name, text]) =>
        [`archive/${name}`, new TextEncoder().encode(text)] as const
      ),
    ),
    ...Object.fromEntries(
      storages.map(({ buffer, byteOffset, byteLength }, i) =>
        [`archive/data/${i}`, new Uint8Array(buffer, byteOffset, byteLength)] as const
      ),
    ),
  });
}

/** The instructions of a pickle that are used here. */
export const op = {
  proto: 0x80,
  stop: 0x2e,
  mark: 0x28,
  tuple: 0x74,
  tuple1: 0x85,
  emptyTuple: 0x29,
  emptyDict: 0x7d,
  setItem: 0x73,
  setItems: 0x75,
  reduce: 0x52,
  build: 0x62,
  persistentId: 0x51,
  false: 0x89,
} as const;

const global = (module: string, name: string) => [
  ...new TextEncoder().encode(`c${module}\n${name}\n`),
];

/** Parts of a pickle. */
export const pickled = {
  global,
  emptyDict: [op.emptyDict],
  orderedDict: [...global("collections", "OrderedDict"), op.emptyTuple, op.reduce],
  text(text: string): number[] {
    const bytes = new TextEncoder().encode(text);
    return [0x58, ...little(bytes.length, 4), ...bytes];
  },
  /** As an int where it fits, or else as a long. */
  number: (value: number): number[] =>
    value < 2 ** 31 ? [0x4a, ...little(value, 4)] : [0x8a, 8, ...little(value, 8)],
  tuple: (
    ...items: readonly (readonly number[])[]
  ): number[] => [op.mark, ...items.flat(), op.tuple],
  storage: (type: string, key: string, length: number): number[] => [
    ...pickled.tuple(
      pickled.text("storage"),
      global("torch", type),
      pickled.text(key),
      pickled.text("cpu"),
      pickled.number(length),
    ),
    op.persistentId,
  ],
  tensor: (
    storage: readonly number[],
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ): number[] => [
    ...global("torch._utils", "_rebuild_tensor_v2"),
    ...pickled.tuple(
      storage,
      pickled.number(offset),
      pickled.tuple(...shape.map(pickled.number)),
      pickled.tuple(...strides.map(pickled.number)),
      [op.false],
      pickled.orderedDict,
    ),
    op.reduce,
  ],
};

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);
}

const types = new Map<unknown, string>([
  [Float32Array, "FloatStorage"],
  [Float64Array, "DoubleStorage"],
  [Uint16Array, "HalfStorage"],
  [BigInt64Array, "LongStorage"],
  [Int32Array, "IntStorage"],
  [Uint8Array, "ByteStorage"],
]);

function tensorPickle(tensor: TorchTensor, key: number): number[] {
  const { data, shape = [data.length], offset = 0, parameter } = tensor;
  const rows = shape.map((_, i) => shape.slice(i + 1).reduce((product, size) => product * size, 1));
  const type = tensor.type ?? types.get(data.constructor)!;
  const storage = pickled.storage(type, `${key}`, data.length);
  const plain = pickled.tensor(storage, offset, shape, tensor.strides ?? rows);
  return parameter
    ? [
      ...global("torch._utils", "_rebuild_parameter"),
      ...pickled.tuple(plain, [op.false], pickled.orderedDict),
      op.reduce,
    ]
    : plain;
}

/** A zip archive whose files are stored as they are, each at a multiple of 64 bytes, as PyTorch does. */
export function zipFile(
  files: Readonly<Record<string, Uint8Array>>,
  { method = 0 }: { method?: number } = {},
): Uint8Array<ArrayBuffer> {
  const [parts, directory]: [Uint8Array[], Uint8Array[]] = [[], []];
  let end = 0;
  const entries = Object.entries(files);
  for (const [name, bytes] of entries) {
    const named = new TextEncoder().encode(name);
    const padding = (64 - (end + 30 + named.length + 4) % 64) % 64;
    const about = [
      ...[0, 0, method, 0, 0, 0, 0, 0],
      ...little(crc32(bytes), 4),
      ...little(bytes.length, 4),
      ...little(bytes.length, 4),
      ...little(named.length, 2),
    ];
    const extra = [...little(0x4246, 2), ...little(padding, 2), ...new Uint8Array(padding)];
    const local = [
      ...little(0x04034b50, 4),
      ...little(0, 2),
      ...about,
      ...little(extra.length, 2),
      ...named,
      ...extra,
    ];
    directory.push(Uint8Array.from([
      ...little(0x02014b50, 4),
      ...little(0, 4),
      ...about,
      ...little(0, 12),
      ...little(end, 4),
      ...named,
    ]));
    parts.push(Uint8Array.from(local), bytes);
    end += local.length + bytes.length;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const last = [
    ...little(0x06054b50, 4),
    ...little(0, 4),
    ...little(entries.length, 2),
    ...little(entries.length, 2),
    ...little(length, 4),
    ...little(end, 4),
    ...little(0, 2),
  ];
  const all = [...parts, ...directory, Uint8Array.from(last)];
  const file = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
