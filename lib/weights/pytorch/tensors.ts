import {
  type Dtype,
  dtypes,
  elementCount,
  isSize,
  type TensorEntry,
} from "../safetensors_header.ts";
import type { Archive, ArchiveEntry } from "./archive.ts";
import {
  Built,
  PickleDict,
  PickleError,
  PickleFunction,
  type PickleReader,
  PickleTuple,
  type PickleValue,
} from "./pickle.ts";

/** PyTorch's types of storages that are read, and what safetensors calls their elements. */
const storageTypes: Readonly<Record<string, Dtype>> = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  DoubleStorage: "F64",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** A piece of memory that one or several tensors look at. */
interface Storage {
  readonly kind: "storage";
  readonly dtype: Dtype;
  readonly length: number;
  readonly entry: ArchiveEntry;
}

/** A tensor of a file. */
export interface StoredTensor {
  readonly kind: "tensor";
  readonly entry: TensorEntry;
}

/** What a pickle of tensors is made of. */
export type TorchValue = StoredTensor | Storage;

type Value = PickleValue<TorchValue>;

/** More dimensions than PyTorch's own limit. */
const mostDimensions = 64;

/** What a pickle in an archive may do: make tensors that look at the archive's storages. */
export function tensorReader(archive: Archive): PickleReader<TorchValue> {
  const functions: Record<string, (args: readonly Value[]) => Value> = {
    "collections OrderedDict": (args) => {
      if (args.length > 0) throw new PickleError("it has an OrderedDict with arguments");
      return new PickleDict();
    },
    "torch._utils _rebuild_tensor_v2": tensorOf,
    "torch._utils _rebuild_parameter": ([data]) => {
      if (!isOf(data, "tensor")) throw new PickleError("it has a parameter of no tensor");
      return data;
    },
  };
  const globals = new Map(
    Object.entries(functions).map(([name, call]) => [name, new PickleFunction(name, call)]),
  );
  for (const [name, dtype] of Object.entries(storageTypes)) {
    globals.set(`torch ${name}`, new StorageType(`torch ${name}`, dtype));
  }
  return { globals, persistent: (id) => new Built(storageOf(archive, id)) };
}

/** A type of storages, which is named but never called. */
class StorageType extends PickleFunction<TorchValue> {
  constructor(name: string, readonly dtype: Dtype) {
    super(name, () => {
      throw new PickleError(`it calls ${name.replace(" ", ".")}`);
    });
  }
}

/** The storage of `("storage", type, key, device, length)`. */
function storageOf(archive: Archive, id: Value): Storage {
  const [word, type, key, , length] = id instanceof PickleTuple ? id.items : [];
  const dtype = type instanceof StorageType ? type.dtype : undefined;
  if (word !== "storage" || !dtype || typeof key !== "string" || !isSize(length)) {
    throw new PickleError("it has a storage that is not described as one");
  }
  const entry = archive.get(`data/${key}`);
  if (!entry) throw new PickleError(`it lacks the storage data/${key}`);
  const byteLength = length * dtypes[dtype].BYTES_PER_ELEMENT;
  if (entry.byteLength !== byteLength) {
    throw new PickleError(
      `the storage data/${key} has ${entry.byteLength} bytes, where ${length} of ${dtype} take ${byteLength}`,
    );
  }
  return { kind: "storage", dtype, length, entry };
}

/** The tensor of `(storage, offset, shape, strides, …)`. */
function tensorOf([storage, offset, shape, strides]: readonly Value[]): Value {
  if (!isOf(storage, "storage") || !isSize(offset) || !isSizes(shape) || !isSizes(strides)) {
    throw new PickleError("it has a tensor that is not described as one");
  }
  const { dtype, length, entry } = storage.value as Storage;
  const [sizes, steps] = [shape.items as number[], strides.items as number[]];
  if (sizes.length !== steps.length || sizes.length > mostDimensions) {
    throw new PickleError(
      `it has a tensor of ${sizes.length} dimensions with ${steps.length} strides`,
    );
  }
  const count = elementCount(sizes);
  const last = sizes.reduce((at, size, i) => at + (size - 1) * steps[i], offset);
  const isEmpty = sizes.includes(0);
  if (
    isEmpty ? offset > length : !(last < length)
  ) {
    throw new PickleError(
      `it has a tensor of shape [${sizes}] and strides [${steps}] at ${offset} of a storage of ${length}`,
    );
  }
  // so that no more is ever allocated than there is in the file
  if (!(count <= length)) {
    throw new PickleError(`it has a tensor of shape [${sizes}] that repeats what it looks at`);
  }
  const bytes = dtypes[dtype].BYTES_PER_ELEMENT;
  return new Built({
    kind: "tensor",
    entry: {
      dtype,
      shape: sizes,
      offset: entry.offset + offset * bytes,
      byteLength: isEmpty ? 0 : (last - offset + 1) * bytes,
      ...isEmpty || areRows(sizes, steps) ? {} : { strides: steps },
    },
  });
}

/** Whether the elements stand in rows, one after the other. */
function areRows(sizes: readonly number[], steps: readonly number[]): boolean {
  let step = 1;
  for (let i = sizes.length - 1; i >= 0; i--) {
    if (sizes[i] !== 1 && steps[i] !== step) return false;
    step *= sizes[i];
  }
  return true;
}

function isOf(value: Value | undefined, kind: TorchValue["kind"]): value is Built<TorchValue> {
  return value instanceof Built && value.value.kind === kind;
}

function isSizes(value: Value | undefined): value is PickleTuple<TorchValue> {
  return value instanceof PickleTuple && value.items.every(isSize);
}
