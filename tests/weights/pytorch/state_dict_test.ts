import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStateDict, type StateDictFile } from "../../../lib/weights/pytorch/state_dict.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { archiveOf, op, pickled, torchFile, zipFile } from "../../torch_file.ts";

const files = fileURLToPath(new URL("files", import.meta.url));

/** Writes bytes to a file and opens it. */
async function opened<T>(
  bytes: Uint8Array,
  test: (file: StateDictFile, path: string) => Promise<T> | T,
): Promise<T> {
  let result: T;
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.bin");
    await Deno.writeFile(path, bytes);
    result = await test(await openStateDict(path), path);
  });
  return result!;
}

/** Opens bytes, which must end with one sentence of this kind. */
async function refuse(bytes: Uint8Array, reason: RegExp): Promise<void> {
  await assert.rejects(opened(bytes, () => {}), ({ name, message }: Error) => {
    assert.match(message, reason);
    assert.match(message, /^'[^']+a\.bin' [^\n]+\.$/);
    assert.ok(message.length < 500);
    return name === "SyntaxError";
  });
}

/** A state dict whose one tensor is made by this pickle. */
const holding = (tensor: readonly number[], storages: readonly Float32Array[] = [data]) =>
  archiveOf([op.emptyDict, ...pickled.text("a"), ...tensor, op.setItem], storages);

const data = Float32Array.of(0, 1, 2, 3, 4, 5);
const storage = pickled.storage("FloatStorage", "0", 6);

Deno.test("what PyTorch saved is read: every kind of number, views, parameters, what is nested", async () => {
  for (const name of ["values.bin", "nested.bin"]) {
    const file = await openStateDict(join(files, name));
    const expected: Record<string, [string, number[], unknown]> = {
      rows: ["F32", [3, 4], Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)],
      turned: ["F32", [4, 3], Float32Array.of(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11)],
      part: ["F32", [2], Float32Array.of(6, 10)],
      parameter: ["F32", [4], Float32Array.of(8, 9, 10, 11)],
      half: ["F16", [2], Uint16Array.of(0x3e00, 0xc080)],
      brain: ["BF16", [2], Uint16Array.of(0x3fc0, 0xc010)],
      double: ["F64", [], Float64Array.of(3.5)],
      long: ["I64", [2], BigInt64Array.of(1n, -(2n ** 40n))],
      flags: ["BOOL", [2], Uint8Array.of(1, 0)],
      empty: ["F32", [0, 3], new Float32Array()],
    };
    assert.deepEqual([...file.tensors.keys()], Object.keys(expected));
    for (const [name, [dtype, shape, values]] of Object.entries(expected)) {
      const entry = file.tensors.get(name)!;
      assert.deepEqual([entry.dtype, entry.shape], [dtype, shape]);
      assert.deepEqual(await file.read(name), values, name);
    }
    for (const name of ["half", "brain"]) {
      assert.deepEqual(await file.readFloat32(name), Float32Array.of(1.5, -2.25));
    }
    await assert.rejects(file.readFloat32("long"), { name: "TypeError", message: /dtype is I64/ });
    await assert.rejects(file.read("none"), /There is no tensor 'none' in .* its 10 tensors are:/);
  }
});

Deno.test("tensors that share a storage stand in the same bytes of the file", async () => {
  const file = await openStateDict(join(files, "values.bin"));
  const [rows, parameter] = ["rows", "parameter"].map((name) => file.tensors.get(name)!);
  assert.equal(parameter.offset, rows.offset + 8 * 4);
  const bytes = await Deno.readFile(file.path);
  const inPlace = new Float32Array(bytes.slice(rows.offset, rows.offset + rows.byteLength).buffer);
  assert.deepEqual(inPlace, await file.read("rows"));
  const tied = { data, shape: [2, 3] };
  await opened(torchFile({ a: tied, b: tied }), ({ tensors }) => {
    assert.deepEqual(tensors.get("a"), tensors.get("b"));
  });
});

Deno.test("files of other formats and other contents are refused by name", async () => {
  const fixture = async (name: string) => await Deno.readFile(join(files, name));
  await refuse(await fixture("legacy.bin"), /wrote before version 1\.6, .* save it again/);
  await refuse(await fixture("module.bin"), /asks for 'torch\.nn\.modules\.linear\.Linear'/);
  await refuse(new Uint8Array(), /does not begin as a zip archive/);
  await refuse(
    zipFile({ "archive/data.txt": new Uint8Array(9) }),
    /it has no data\.pkl/,
  );
  await refuse(
    zipFile({ "a/data.pkl": new Uint8Array(), "b/data.pkl": new Uint8Array() }),
    /more than/,
  );
  await refuse(
    zipFile({ "a/data.pkl": new Uint8Array(), "a/code/x.py": new Uint8Array() }),
    /TorchScript program/,
  );
  await refuse(zipFile({ "a/data.pkl": new Uint8Array() }, { method: 8 }), /is compressed/);
  await refuse(archiveOf(pickled.orderedDict, [], { byteorder: "big" }), /byte order "big"/);
  await refuse(archiveOf([op.emptyTuple], []), /not a state dict: what was saved has no names/);
  await refuse(holding(pickled.number(3)), /not a state dict: its item 'a' is not a tensor/);
  await assert.rejects(openStateDict(join(files, "none.bin")), /none\.bin': there is no such file/);
  await assert.rejects(openStateDict(files), /it is not a file, so name a file/);
});

Deno.test("a pickle that asks for anything but tensors is refused by the name of what it asks for", async () => {
  const call = (module: string, name: string) => [
    ...pickled.global(module, name),
    ...pickled.tuple(pickled.text("touch /tmp/owned")),
    op.reduce,
  ];
  const allowed =
    /only tensors and their names are allowed, so save the model's state_dict, and use files of peo/;
  for (
    const [module, name] of [
      ["os", "system"],
      ["posix", "system"],
      ["builtins", "eval"],
      ["__builtin__", "getattr"],
      ["torch", "load"],
      ["torch.hub", "load"],
      ["torch._utils", "_rebuild_tensor_v3"],
      ["torch", "QInt8Storage"],
      ["torch", "ComplexFloatStorage"],
      ["collections", "defaultdict"],
      ["collections.OrderedDict", ""],
      ["", "__proto__"],
      ["constructor", "constructor"],
    ] as const
  ) {
    const asked = new RegExp(`asks for '${`${module}.${name}`.replaceAll(".", "\\.")}'`);
    await refuse(holding(call(module, name)), asked);
    await refuse(holding(call(module, name)), allowed);
    // naming it is enough
    await refuse(archiveOf(pickled.global(module, name), []), asked);
  }
  const instructions = {
    INST: [0x69, 0x6f, 0x73, 0x0a, 0x78, 0x0a],
    OBJ: [0x6f],
    NEWOBJ: [0x81],
    NEWOBJ_EX: [0x92],
    EXT1: [0x82, 1],
    PERSID: [0x50, 0x31, 0x0a],
    DUP: [0x32],
    FROZENSET: [0x91],
    NEXT_BUFFER: [0x97],
    LONG4: [0x8b, 255, 255, 255, 127],
    BINBYTES8: [0x8e, ...new Uint8Array(8).fill(255)],
  };
  for (const [name, bytes] of Object.entries(instructions)) {
    await refuse(archiveOf([op.emptyTuple, ...bytes], []), new RegExp(`it uses ${name}, which`));
  }
  await refuse(archiveOf([0xff], []), /unknown opcode 255/);
  const build = [op.emptyTuple, op.emptyDict, op.build];
  await refuse(archiveOf(build, []), /sets the state of something that is no dictionary/);
  await refuse(
    archiveOf([op.emptyTuple, op.emptyTuple, op.reduce], []),
    /calls something that is no f/,
  );
  const types = [...pickled.global("torch", "FloatStorage"), op.emptyTuple, op.reduce];
  await refuse(archiveOf(types, []), /it calls torch\.FloatStorage/);
  const keyed = [op.emptyDict, op.emptyTuple, op.false, op.setItem];
  await refuse(archiveOf(keyed, []), /a key that is neither text nor a number/);
});

Deno.test("tensors that do not fit their storages, and storages that do not fit the file, are refused", async () => {
  const tensor = (offset: number, shape: number[], strides: number[]) =>
    holding(pickled.tensor(storage, offset, shape, strides));
  assert.deepEqual(
    await opened(tensor(1, [2, 2], [3, 1]), (file) => file.read("a")),
    Float32Array.of(1, 2, 4, 5),
  );
  const cases: [number, number[], number[]][] = [
    [0, [7], [1]],
    [1, [6], [1]],
    [7, [0], [1]],
    [0, [2, 3], [4, 1]],
    [0, [2 ** 31, 2 ** 31], [1, 1]],
    [2 ** 40, [1], [1]],
    [0, [2], [2 ** 52]],
  ];
  for (const [offset, shape, strides] of cases) {
    await refuse(
      tensor(offset, shape, strides),
      /a tensor of shape \[.*\] and strides \[.*\] at \d+ of /,
    );
  }
  await refuse(tensor(0, [2], [1, 1]), /a tensor of 1 dimensions with 2 strides/);
  const many = Array(65).fill(1);
  await refuse(tensor(0, many, many), /a tensor of 65 dimensions/);
  await refuse(tensor(0, [1000, 1000], [0, 0]), /that repeats what it looks at/);
  await refuse(tensor(0, [2 ** 50, 2 ** 50, 0], [1, 1, 1]), /that repeats what it looks at/);
  const negative = [0x4a, 255, 255, 255, 255];
  const described = /a tensor that is not described as one/;
  await refuse(
    holding([
      ...pickled.global("torch._utils", "_rebuild_tensor_v2"),
      ...pickled.tuple(storage, negative, pickled.tuple(), pickled.tuple()),
      op.reduce,
    ]),
    described,
  );
  await refuse(holding(pickled.tensor(pickled.number(1), 0, [1], [1])), described);
  for (const length of [5, 7, 2 ** 40]) {
    const other = pickled.storage("FloatStorage", "0", length);
    await refuse(holding(pickled.tensor(other, 0, [1], [1])), /data\/0 has 24 bytes, where /);
  }
  const lacking = pickled.storage("FloatStorage", "../1", 6);
  await refuse(holding(pickled.tensor(lacking, 0, [1], [1])), /lacks the storage data\/\.\.\/1/);
  await refuse(
    holding([...pickled.text("0"), op.persistentId]),
    /a storage that is not described as one/,
  );
});

Deno.test("a file that changes after it was opened is not read", async () => {
  await opened(torchFile({ a: { data } }), async (file, path) => {
    await Deno.writeFile(path, torchFile({ a: { data: new Float32Array(7) } }));
    await assert.rejects(file.read("a"), /has changed since it was opened, so open it again/);
  });
});

Deno.test("an archive whose directory is at a place beyond every number is refused, and ends no process", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.bin");
    const whole = torchFile({ a: { data: Float32Array.of(1) } });
    // the locator of a larger directory before the last record, which points far behind the file
    const locator = Uint8Array.of(
      0x50,
      0x4b,
      6,
      7,
      ...[0, 0, 0, 0],
      ...Array(8).fill(255),
      1,
      0,
      0,
      0,
    );
    const last = whole.slice(-22);
    last.fill(255, 8, 20);
    await Deno.writeFile(path, Uint8Array.of(...whole.slice(0, -22), ...locator, ...last));
    await assert.rejects(openStateDict(path), {
      name: "SyntaxError",
      message: /is no whole archive \(it points to bytes that it has not\)/,
    });
  });
});
