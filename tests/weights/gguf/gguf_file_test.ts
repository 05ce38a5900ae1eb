import assert from "node:assert/strict";
import { join } from "node:path";
import { openGguf, rowsIn } from "../../../lib/weights/gguf/gguf_file.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { floatTensor, ggufBytes, type TensorBytes } from "./gguf_bytes.ts";
import { randomBlocks } from "./small_gguf.ts";

const metadata = {
  "general.architecture": ["text", "llama"],
  "a.list": ["texts", ["one", "two", "drei ▁"]],
  "a.flag": ["bool", true],
  "numbers": ["i32s", [1, 2, 3]],
  "scores": ["f32s", [0.5, -1]],
} as const;

const tensors: Record<string, TensorBytes> = {
  "a": floatTensor([3], Float32Array.of(1, 2, 3)),
  "b": { type: "Q4_1", shape: [2, 32], bytes: randomBlocks("Q4_1", 2, 1) },
  "c": { type: "Q6_K", shape: [1, 256], bytes: randomBlocks("Q6_K", 1, 2) },
};

/** Opens a file and reads all that it has, or gives the one sentence why not. */
async function read(path: string): Promise<string> {
  const began = performance.now();
  try {
    const file = await openGguf(path);
    for (const tensor of file.tensors.values()) {
      await file.read(tensor, { from: 0, count: rowsIn(tensor) });
    }
    return "read";
  } catch (error) {
    assert.ok(error instanceof Error, String(error));
    // what a programming error would be
    assert.doesNotMatch(
      error.message,
      /is not a function|is not iterable|Invalid|Cannot read prop/,
    );
    assert.match(error.message, /^'.*model\.gguf'/);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  } finally {
    assert.ok(performance.now() - began < 5000);
  }
}

Deno.test("metadata and tensors are read as they were written, whatever the alignment", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    await Deno.writeFile(path, ggufBytes(metadata, tensors));
    const file = await openGguf(path);
    assert.deepEqual(
      [...file.metadata],
      Object.entries(metadata).map(([key, [, value]]) => [key, value]),
    );
    for (const [name, { type, shape, bytes }] of Object.entries(tensors)) {
      const tensor = file.tensors.get(name)!;
      assert.deepEqual({ type: tensor.type, shape: tensor.shape }, { type, shape });
      assert.deepEqual(await file.read(tensor, { from: 0, count: rowsIn(tensor) }), bytes);
    }
    const second = file.tensors.get("b")!;
    assert.deepEqual(
      await file.read(second, { from: 1, count: 1 }),
      tensors.b.bytes.subarray(20),
    );
    const aligned = { ...metadata, "general.alignment": ["u32", 64] } as const;
    await Deno.writeFile(path, ggufBytes(aligned, tensors, 64));
    assert.equal((await openGguf(path)).tensors.get("b")!.offset % 64, 0);
  });
});

Deno.test("a file cut off anywhere is refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    const bytes = ggufBytes(metadata, tensors);
    // the padding behind the last tensor may be missing
    const whole = bytes.length - 14;
    for (let length = 0; length < bytes.length; length++) {
      await Deno.writeFile(path, bytes.subarray(0, length));
      const isRefused = await read(path) !== "read";
      assert.equal(isRefused, length < whole, `${length} of ${bytes.length} bytes`);
    }
    await Deno.writeFile(path, new Uint8Array([...bytes, 0]));
    assert.match(await read(path), /its tensors end at byte \d+, but the file has/);
  });
});

Deno.test("a file with any byte changed is read, or refused in one sentence", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    const bytes = ggufBytes(metadata, tensors);
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 0xff, bytes[at] ^ 1]) {
        const changed = bytes.slice();
        changed[at] = value;
        await Deno.writeFile(path, changed);
        await read(path);
      }
    }
  });
});

/** A file of these parts: numbers are 8 bytes, texts have their length before them, arrays are bytes. */
function handmade(...parts: (bigint | string | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const eight = (value: bigint) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    return [...new Uint8Array(view.buffer)];
  };
  const bytes = parts.flatMap((part) => {
    if (typeof part === "bigint") return eight(part);
    if (typeof part !== "string") return [...part];
    const text = [...new TextEncoder().encode(part)];
    return [...eight(BigInt(text.length)), ...text];
  });
  return Uint8Array.from([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, ...bytes]);
}

Deno.test("what claims to be larger than the file is refused before memory is taken", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    const list = [9, 0, 0, 0];
    const u8 = [0, 0, 0, 0];
    const text = [8, 0, 0, 0];
    const q4 = [2, 0, 0, 0];
    const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
      [handmade(1n << 40n, 0n), /a list of 1099511627776 tensors does not fit into the \d+ bytes/],
      [handmade(0n, 1n << 62n), /its number of metadata is 4611686018427387904/],
      [handmade(0n, 1n, 1n << 40n, [1, 2, 3, 4, 5]), /a key of its metadata does not fit/],
      [handmade(0n, 1n, "k", text, 1n << 50n), /its metadata "k" does not fit/],
      [handmade(0n, 1n, "k", list, u8, 1n << 50n), /a list of 1125899906842624, does not fit/],
      [handmade(0n, 1n, "k", list, list, 1n, list, 1n, list, 1n, list, 1n), /does not fit/],
      [handmade(0n, 1n, "k", [77, 0, 0, 0, 0, 0]), /is of the type 77, which there is not/],
      [handmade(1n, 0n, "t", [9, 0, 0, 0], 1n, 1n, 1n), /tensor "t" has 9 axes/],
      [
        handmade(1n, 0n, "t", [2, 0, 0, 0], 1n << 40n, 1n << 40n, q4, 0n),
        /tensor "t" has the shape/,
      ],
      [handmade(1n, 0n, "t", [1, 0, 0, 0], 1n << 40n, q4, 0n), /ends at byte 61847529\d+/],
      [handmade(1n, 0n, "t", [1, 0, 0, 0], 33n, q4, 0n), /rows of 33, which are no blocks of 32/],
      [
        handmade(1n, 0n, "t", [1, 0, 0, 0], 256n, [16, 0, 0, 0], 0n),
        /stored as IQ2_XXS, which is not supported; take a file in F32, /,
      ],
      [handmade(1n, 0n, "t", [1, 0, 0, 0], 256n, [99, 0, 0, 0], 0n), /of an unknown type 99/],
      [handmade(1n, 0n, "t", [1, 0, 0, 0], 32n, q4, 64n), /begins at byte 64 of the data, where 0/],
    ];
    for (const [bytes, message] of cases) {
      await Deno.writeFile(path, bytes);
      assert.match(await read(path), message);
    }
    await Deno.writeFile(path, Uint8Array.of(0x47, 0x47, 0x55, 0x46, 0, 0, 0, 3, 0, 0, 0, 0));
    assert.match(await read(path), /big-endian/);
    await Deno.writeFile(path, new TextEncoder().encode("PK\u0003\u0004 and more"));
    assert.match(await read(path), /does not begin with 'GGUF'/);
  });
});

Deno.test("a file that changed since it was opened is not read", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.gguf");
    const bytes = ggufBytes(metadata, tensors);
    await Deno.writeFile(path, bytes);
    const file = await openGguf(path);
    await Deno.writeFile(path, new Uint8Array([...bytes, 0]));
    await assert.rejects(
      file.read(file.tensors.get("a")!, { from: 0, count: 1 }),
      /has changed since it was opened/,
    );
  });
});
