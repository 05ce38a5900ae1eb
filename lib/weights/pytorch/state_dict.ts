import type { TensorData, TensorEntry } from "../safetensors_header.ts";
import { dtypes } from "../safetensors_header.ts";
import { openFile } from "../../files/open_file.ts";
import {
  arrayFor,
  entryNamed,
  type FileVersion,
  readFloats,
  readInto,
  versionOf,
  type WeightsFile,
} from "../weights_file.ts";
import { type Archive, broken, readArchive } from "./archive.ts";
import { Built, PickleDict, PickleError, type PickleValue, unpickle } from "./pickle.ts";
import { tensorReader, type TorchValue } from "./tensors.ts";

/** More bytes than the descriptions of any model's tensors take; a thousand take 150 KB. */
const longestPickle = 2 ** 23;

/** Under what training programs put a state dict beside other things. */
const places = ["state_dict", "model_state_dict", "model"];

/**
 * Opens a state dict that PyTorch saved (`pytorch_model.bin`, `.pt`, `.pth`): names and tensors. Reads no tensor yet.
 *
 * Such a file is a program that can do anything when PyTorch runs it. This reader runs the part that makes tensors of
 * the storages in the file, and refuses every other function and instruction by name; sizes are checked before
 * anything is allocated for them.
 *
 * @throws {Error} if there is no such file.
 * @throws {SyntaxError} one sentence, if it is not a state dict, or asks for anything but tensors.
 */
export async function openStateDict(path: string): Promise<StateDictFile> {
  const archive = await readArchive(path);
  using file = await openFile(path);
  const version = await versionOf(file);
  await checkByteOrder(path, archive, version);
  const pickle = archive.get("data.pkl")!;
  if (pickle.byteLength > longestPickle) {
    throw broken(path, `its description of the tensors has ${pickle.byteLength} bytes`);
  }
  const bytes = new Uint8Array(pickle.byteLength);
  await readInto(bytes, path, pickle.offset, version);
  let value: PickleValue<TorchValue>;
  try {
    value = unpickle(bytes, tensorReader(archive));
  } catch (cause) {
    if (!(cause instanceof PickleError)) throw cause;
    throw new SyntaxError(
      `'${path}' is not a state dict that can be read: ${cause.message}; only tensors and their names are allowed, ` +
        "so save the model's state_dict, and use files of people you trust.",
      { cause },
    );
  }
  return new StateDictFile(path, tensorsIn(path, value), version);
}

async function checkByteOrder(path: string, archive: Archive, version: FileVersion): Promise<void> {
  const entry = archive.get("byteorder");
  // files of before version 2.1 do not say it
  if (!entry) return;
  const bytes = new Uint8Array(Math.min(entry.byteLength, 16));
  await readInto(bytes, path, entry.offset, version);
  const order = new TextDecoder().decode(bytes);
  if (order !== "little") {
    throw new SyntaxError(
      `'${path}' has the byte order ${
        JSON.stringify(order)
      }, which is not read: save it again on a machine whose ` +
        "order is little-endian.",
    );
  }
}

/** The tensors of a state dict, or of one that is an item of what was saved. */
function tensorsIn(path: string, value: PickleValue<TorchValue>): Map<string, TensorEntry> {
  const whole = value instanceof PickleDict ? value.entries : undefined;
  const inner = places.map((place) => whole?.get(place)).find((item) => item instanceof PickleDict);
  const entries = inner instanceof PickleDict ? inner.entries : whole;
  if (!entries) throw notStateDict(path, "what was saved has no names");
  const tensors = new Map<string, TensorEntry>();
  for (const [name, item] of entries) {
    if (typeof name !== "string" || !(item instanceof Built && item.value.kind === "tensor")) {
      throw notStateDict(path, `its item '${name}' is not a tensor with a name`);
    }
    tensors.set(name, item.value.entry);
  }
  return tensors;
}

function notStateDict(path: string, problem: string): SyntaxError {
  return new SyntaxError(
    `'${path}' is not a state dict: ${problem}; save the model's state_dict.`,
  );
}

/** An open PyTorch file: its tensors' places, and their values on demand. Holds no resource. */
export class StateDictFile implements WeightsFile {
  constructor(
    readonly path: string,
    readonly tensors: ReadonlyMap<string, TensorEntry>,
    private readonly version: FileVersion,
  ) {}

  /**
   * Reads one tensor, and only the part of its storage that it looks at, in its own dtype and in rows.
   *
   * @throws {Error} if there is no tensor of that name, or the file has changed since it was opened.
   */
  async read(name: string): Promise<TensorData> {
    const entry = entryNamed(this, name);
    const { dtype, offset, byteLength, strides } = entry;
    const data = arrayFor(entry);
    if (!strides) {
      await readInto(data, this.path, offset, this.version);
      return data;
    }
    const viewed = new dtypes[dtype](byteLength / dtypes[dtype].BYTES_PER_ELEMENT);
    await readInto(viewed, this.path, offset, this.version);
    gather(data, viewed, entry.shape, strides);
    return data;
  }

  /**
   * Reads one tensor of floating-point numbers as float32, in rows.
   *
   * @throws {TypeError} if it is of another dtype; Error as `read` does.
   */
  async readFloat32(name: string): Promise<Float32Array> {
    return await readFloats(this, name);
  }
}

/** Puts elements that stand at strides into rows. */
function gather(
  rows: TensorData,
  from: TensorData,
  shape: readonly number[],
  strides: readonly number[],
): void {
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < rows.length; i++) {
    rows[i] = from[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}
