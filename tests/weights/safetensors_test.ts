import fc from "fast-check";
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  openSafetensors,
  type SafetensorsTensor,
  writeSafetensors,
} from "../../lib/weights/safetensors.ts";
import { goldenFolder } from "../shared_data.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const encoder = new TextEncoder();

/** A safetensors file from the text or bytes of its header, and its data. */
function fileOf(header: string | Uint8Array, dataLength = 16, declaredLength?: bigint): Uint8Array {
  const headerBytes = typeof header === "string" ? encoder.encode(header) : header;
  const file = new Uint8Array(8 + headerBytes.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, declaredLength ?? BigInt(headerBytes.length), true);
  file.set(headerBytes, 8);
  return file;
}

function entry(name: string, dtype: string, shape: string, offsets: string): string {
  return `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
}

const good = entry("a", "F32", "[4]", "[0,16]");

async function refuses(file: Uint8Array, problem: string | RegExp): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "bad.safetensors");
    await Deno.writeFile(path, file);
    await assert.rejects(openSafetensors(path), (error) => {
      assert.ok(error instanceof SyntaxError);
      const [, found] = error.message.match(
        /^'.*bad\.safetensors' is not a valid safetensors file: (.*); download or write it again$/,
      )!;
      if (typeof problem === "string") assert.equal(found, problem);
      else assert.match(found, problem);
      return true;
    });
  });
}

async function accepts(file: Uint8Array): Promise<string[]> {
  let names: string[] = [];
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "good.safetensors");
    await Deno.writeFile(path, file);
    names = [...(await openSafetensors(path)).tensors.keys()];
  });
  return names;
}

const shapes = fc.array(fc.nat(4), { maxLength: 3 });

const tensors: fc.Arbitrary<SafetensorsTensor> = shapes.chain((shape) => {
  const length = shape.reduce((count, size) => count * size, 1);
  const size = { minLength: length, maxLength: length };
  const of = <D extends SafetensorsTensor["dtype"]>(
    names: D[],
    data: fc.Arbitrary<SafetensorsTensor["data"]>,
  ): fc.Arbitrary<SafetensorsTensor> =>
    fc.record({ dtype: fc.constantFrom(...names), shape: fc.constant(shape), data });
  return fc.oneof(
    of(["BOOL", "U8", "F8_E5M2", "F8_E4M3"], fc.uint8Array(size)),
    of(["I8"], fc.int8Array(size)),
    of(["I16"], fc.int16Array(size)),
    of(["U16", "F16", "BF16"], fc.uint16Array(size)),
    of(["I32"], fc.int32Array(size)),
    of(["U32"], fc.uint32Array(size)),
    of(["F32"], fc.float32Array(size)),
    of(["F64"], fc.float64Array(size)),
    of(["I64"], fc.bigInt64Array(size)),
    of(["U64"], fc.bigUint64Array(size)),
  );
});

Deno.test("what is written is read back, whatever the names, dtypes, shapes and metadata", async () => {
  const text = fc.string({ unit: "binary" });
  const names = text.filter((name) => name !== "__metadata__");
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(names, tensors), { selector: ([name]) => name, maxLength: 5 }),
        fc.dictionary(text, text),
        async (written, metadata) => {
          await writeSafetensors(path, written, metadata);
          const file = await openSafetensors(path);
          assert.deepEqual({ ...file.metadata }, { ...metadata });
          assert.equal(file.tensors.size, written.length);
          for (const [name, tensor] of written) {
            assert.deepEqual(file.tensors.get(name)!.shape, tensor.shape);
            assert.equal(file.tensors.get(name)!.dtype, tensor.dtype);
            assert.deepEqual(await file.read(name), tensor.data);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

Deno.test("tensors are laid out by descending dtype, then name, after a padded header", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await writeSafetensors(path, [
      ["b", { dtype: "U8", shape: [1], data: new Uint8Array([7]) }],
      ["10", { dtype: "F32", shape: [], data: new Float32Array([1]) }],
      ["9", { dtype: "F32", shape: [2], data: new Float32Array([2, 3]) }],
      ["z", { dtype: "I64", shape: [1], data: new BigInt64Array([5n]) }],
    ], { format: "pt" });
    const bytes = await Deno.readFile(path);
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    assert.equal(headerLength % 8, 0);
    assert.equal(
      new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)).trimEnd(),
      `{"__metadata__":{"format":"pt"},${entry("z", "I64", "[1]", "[0,8]")},` +
        `${entry("10", "F32", "[]", "[8,12]")},${entry("9", "F32", "[2]", "[12,20]")},` +
        `${entry("b", "U8", "[1]", "[20,21]")}}`,
    );
    const file = await openSafetensors(path);
    assert.equal(file.tensors.get("z")!.offset, 8 + headerLength);
    assert.deepEqual([...file.tensors.keys()], ["z", "10", "9", "b"]);
  });
});

Deno.test("floats of 16, 32 and 64 bits are read as float32, other dtypes are refused", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await writeSafetensors(path, [
      ["half", { dtype: "F16", shape: [2], data: new Uint16Array([0x3c00, 0xc100]) }],
      ["brain", { dtype: "BF16", shape: [2], data: new Uint16Array([0x3f80, 0xc020]) }],
      ["single", { dtype: "F32", shape: [2], data: new Float32Array([1, -2.5]) }],
      ["double", { dtype: "F64", shape: [2], data: new Float64Array([1, -2.5]) }],
      ["whole", { dtype: "I32", shape: [2], data: new Int32Array([1, -2]) }],
    ]);
    const file = await openSafetensors(path);
    for (const name of ["half", "brain", "single", "double"]) {
      assert.deepEqual(await file.readFloat32(name), new Float32Array([1, -2.5]));
    }
    await assert.rejects(file.readFloat32("whole"), {
      name: "TypeError",
      message: `Cannot read tensor 'whole' of '${path}' as floats: its dtype is I32, ` +
        "so use 'read' instead",
    });
  });
});

Deno.test("a tensor that is not there, and a file that changed after opening, are errors", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const tensor: SafetensorsTensor = { dtype: "U8", shape: [1], data: new Uint8Array(1) };
    await writeSafetensors(path, [["a", tensor], ["b", tensor]]);
    const file = await openSafetensors(path);
    await assert.rejects(file.read("c"), {
      name: "Error",
      message: `There is no tensor 'c' in '${path}'; its 2 tensors are: a, b`,
    });
    await writeSafetensors(path, [["a", tensor]]);
    await assert.rejects(file.read("a"), {
      name: "Error",
      message: `'${path}' has changed since it was opened, so open it again`,
    });
  });
});

Deno.test("a file that is not there, and a folder, are errors that name the path", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "missing.safetensors");
    await assert.rejects(openSafetensors(path), {
      name: "Error",
      message: `Cannot read '${path}': there is no such file, so check the path`,
    });
    await assert.rejects(
      openSafetensors(folder),
      /^Error: Cannot read '.*': it is not a file, so name a file$/,
    );
  });
});

Deno.test("headers that the reference implementation accepts are accepted", async () => {
  assert.deepEqual(await accepts(fileOf("{}", 0)), []);
  assert.deepEqual(await accepts(fileOf(`{${good}}   `)), ["a"]);
  assert.deepEqual(await accepts(fileOf(`{"__metadata__":{"k":"1:{[","l":"2"},${good}}`)), ["a"]);
  assert.deepEqual(
    await accepts(fileOf(
      `{${entry("b", "F32", "[2]", "[8,16]")},${entry("e", "I8", "[3,0]", "[8,8]")},` +
        `${entry("a", "F32", "[2]", "[0,8]")}}`,
    )),
    ["a", "e", "b"],
  );
});

Deno.test("a header length beyond the file or the limit is refused before anything is read", async () => {
  await refuses(fileOf("{}", 0, 3n), "its header claims 3 bytes, but the file has 10 in all");
  await refuses(
    fileOf("{}", 0, 100_000_000n),
    "its header claims 100000000 bytes, but the file has 10 in all",
  );
  await refuses(
    fileOf("{}", 0, 100_000_001n),
    "its header claims 100000001 bytes, more than the limit of 100000000",
  );
  await refuses(fileOf("{}", 0, 2n ** 64n - 1n), /^its header claims 18446744073709551615 bytes, /);
});

Deno.test("a header that is not an object in UTF-8 JSON is refused", async () => {
  await refuses(fileOf(new Uint8Array([0x7b, 0xff, 0x7d]), 0), "its header is not UTF-8");
  await refuses(fileOf(" {}", 0), "its header does not begin with '{'");
  await refuses(fileOf("[]", 0), "its header does not begin with '{'");
  await refuses(fileOf("\ufeff{}", 0), "its header does not begin with '{'");
  await refuses(fileOf("", 0), "its header does not begin with '{'");
  await refuses(fileOf("{} {}", 0), "its header is not JSON");
  await refuses(fileOf("{}\0", 0), "its header is not JSON");
  await refuses(fileOf(`{${good},}`), "its header is not JSON");
  await refuses(fileOf(`{"a":${"[".repeat(2e5)}${"]".repeat(2e5)}}`), /deeper than 128 levels$/);
  await refuses(fileOf(`{${good.replace('"a"', '"\\ud800"')}}`), /unpaired surrogate/);
});

Deno.test("duplicate keys are refused at every level and in every spelling", async () => {
  await refuses(fileOf(`{${good},${good}}`), 'its header holds the key "a" twice');
  await refuses(
    fileOf(`{${good},${good.replace('"a":', '"\\u0061"\n :')}}`),
    'its header holds the key "a" twice',
  );
  await refuses(
    fileOf(`{${good.replace('"F32"', '"F32","dtype":"F32"')}}`),
    'its header holds the key "dtype" twice',
  );
  await refuses(
    fileOf(`{"__metadata__":{"k":"1","k":"2"},${good}}`),
    'its header holds the key "k" twice',
  );
  await refuses(
    fileOf(`{"__metadata__":{},"__metadata__":{},${good}}`),
    'its header holds the key "__metadata__" twice',
  );
});

Deno.test("metadata that is not a map from strings to strings is refused", async () => {
  await refuses(fileOf(`{"__metadata__":[],${good}}`), "its '__metadata__' is not an object");
  await refuses(fileOf(`{"__metadata__":null,${good}}`), "its '__metadata__' is not an object");
  await refuses(fileOf(`{"__metadata__":{"k":1},${good}}`), "its metadata 'k' is not a string");
});

Deno.test("a tensor whose description is incomplete or of the wrong kind is refused", async () => {
  await refuses(fileOf('{"a":["F32",[4],[0,16]]}'), "tensor 'a' is not described by an object");
  await refuses(fileOf('{"a":null}'), "tensor 'a' is not described by an object");
  await refuses(
    fileOf(`{${entry("a", "F31", "[4]", "[0,16]")}}`),
    `tensor 'a' has the unknown dtype "F31"`,
  );
  await refuses(
    fileOf(`{${entry("a", "toString", "[4]", "[0,16]")}}`),
    `tensor 'a' has the unknown dtype "toString"`,
  );
  await refuses(
    fileOf('{"a":{"shape":[4],"data_offsets":[0,16]}}'),
    "tensor 'a' has the unknown dtype undefined",
  );
  await refuses(
    fileOf('{"a":{"dtype":"F32","data_offsets":[0,16]}}'),
    "tensor 'a' has the shape undefined, which is not a list of sizes",
  );
  await refuses(
    fileOf(`{${entry("a", "F32", '["4"]', "[0,16]")}}`),
    `tensor 'a' has the shape ["4"], which is not a list of sizes`,
  );
  for (const number of ["4.0", "4e0", "-4", "-0"]) {
    await refuses(
      fileOf(`{${entry("a", "F32", `[${number}]`, "[0,16]")}}`),
      `its header holds the number ${number}, which is not a size`,
    );
  }
  for (const offsets of ["[0]", "[0,16,16]", "16", '[0,"16"]', "[0,9007199254740992]"]) {
    await refuses(
      fileOf(`{${entry("a", "F32", "[4]", offsets)}}`),
      /^tensor 'a' has the offsets .*, which are not a pair of positions$/,
    );
  }
});

Deno.test("shapes and offsets that contradict each other are refused", async () => {
  await refuses(
    fileOf(`{${entry("a", "F32", "[5]", "[0,16]")}}`),
    "tensor 'a' of dtype F32 and shape [5] needs 20 bytes, but its offsets [0, 16] span 16",
  );
  await refuses(
    fileOf(`{${entry("a", "F32", "[4]", "[16,0]")}}`),
    "tensor 'a' of dtype F32 and shape [4] needs 16 bytes, but its offsets [16, 0] span -16",
  );
  for (
    const shape of [
      "[4294967296,4294967296,4294967296]",
      "[4294967296,4294967296,4294967296,0]",
      "[9007199254740991]",
    ]
  ) {
    await refuses(
      fileOf(`{${entry("a", "F32", shape, "[0,0]")}}`, 0),
      /^tensor 'a' has the shape .*, which is too large to count$/,
    );
  }
});

Deno.test("gaps, overlaps and data that no tensor covers are refused", async () => {
  const pair = (first: string, second: string) =>
    `{${entry("a", "U8", "[8]", first)},${entry("b", "U8", "[8]", second)}}`;
  const start = (header: string) => 8 + header.length;
  const gap = pair("[0,8]", "[9,17]");
  await refuses(
    fileOf(gap, 17),
    `tensor 'b' begins at byte ${start(gap) + 9}, leaving a gap after byte ${start(gap) + 8}`,
  );
  const overlap = pair("[0,8]", "[7,15]");
  await refuses(
    fileOf(overlap, 15),
    `tensor 'b' begins at byte ${start(overlap) + 7}, inside the one that ends at ` +
      `${start(overlap) + 8}`,
  );
  await refuses(fileOf(pair("[0,8]", "[0,8]"), 8), /inside the one that ends at/);
  const late = `{${entry("a", "U8", "[8]", "[1,9]")}}`;
  await refuses(fileOf(late, 9), /leaving a gap after/);
  await refuses(
    fileOf(`{${good}}`, 15),
    `its tensors end at byte ${8 + good.length + 2 + 16}, but the file has ` +
      `${8 + good.length + 2 + 15} bytes`,
  );
  await refuses(fileOf(`{${good}}`, 17), /^its tensors end at byte/);
  await refuses(fileOf("{}", 1), /^its tensors end at byte 10, but the file has 11 bytes$/);
});

Deno.test("a file cut off at any byte is refused", async () => {
  const file = fileOf(`{"__metadata__":{"format":"pt"},${good}} `);
  await accepts(file);
  for (let length = 0; length < file.length; length++) {
    await refuses(file.slice(0, length), /./);
  }
});

Deno.test("a file with any byte changed is either refused by a SyntaxError or read whole", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const file = fileOf(`{"__metadata__":{"format":"pt"},${good}} `);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const changed = file.slice();
          for (const [at, value] of changes) changed[at] = value;
          await Deno.writeFile(path, changed);
          try {
            const opened = await openSafetensors(path);
            for (const name of opened.tensors.keys()) await opened.read(name);
          } catch (error) {
            assert.ok(error instanceof SyntaxError, String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

Deno.test("what cannot be written is refused by name, and the old file is left", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const tensor: SafetensorsTensor = { dtype: "F32", shape: [2], data: new Float32Array(2) };
    await writeSafetensors(path, [["a", tensor]]);
    const before = await Deno.readFile(path);
    const cases: [[string, SafetensorsTensor][], string, RegExp][] = [
      [
        [["a", { ...tensor, dtype: "F64" }]],
        "TypeError",
        /data of dtype F64 must be a Float64Array$/,
      ],
      [
        [["a", { ...tensor, dtype: "F7" as "F64" }]],
        "TypeError",
        /the dtype 'F7' is not one of BOOL/,
      ],
      [[["a", { ...tensor, shape: [3] }]], "RangeError", /shape \[3\] does not fit .* 2 elements$/],
      [[["a", { ...tensor, shape: [-1, -2] }]], "RangeError", /shape \[-1,-2\] does not fit/],
      [[["a", tensor], ["a", tensor]], "RangeError", /two tensors of that name/],
      [[["__metadata__", tensor]], "RangeError", /that name is not allowed/],
      [[["\ud800", tensor]], "RangeError", /that name is not allowed/],
    ];
    for (const [written, name, message] of cases) {
      await assert.rejects(writeSafetensors(path, written), { name, message });
    }
    await assert.rejects(writeSafetensors(path, [["a", tensor]], { key: "\udfff" }), {
      name: "RangeError",
      message: `Cannot write '${path}': its metadata 'key' is not well-formed text, so repair it`,
    });
    assert.deepEqual(await Deno.readFile(path), before);
  });
});

Deno.test({
  name: "the golden files open, and their tensors have as many elements as their shapes say" +
    (goldenFolder ? "" : " (needs ../shared/golden)"),
  ignore: goldenFolder === undefined,
  fn: async () => {
    const names = ["tiny-gpt2/model.safetensors"];
    for await (const { name } of Deno.readDir(goldenFolder!)) {
      if (name.endsWith(".safetensors")) names.push(name);
    }
    assert.ok(names.length > 1);
    for (const name of names) {
      const file = await openSafetensors(join(goldenFolder!, name));
      for (const [tensor, { shape }] of file.tensors) {
        const data = await file.read(tensor);
        assert.equal(data.length, shape.reduce((count, size) => count * size, 1));
      }
    }
  },
});
