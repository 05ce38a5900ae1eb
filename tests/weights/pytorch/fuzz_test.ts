import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Archive, readArchive } from "../../../lib/weights/pytorch/archive.ts";
import { PickleError, unpickle } from "../../../lib/weights/pytorch/pickle.ts";
import { openStateDict } from "../../../lib/weights/pytorch/state_dict.ts";
import { tensorReader } from "../../../lib/weights/pytorch/tensors.ts";
import { withTemporaryFolder } from "../../temporary_folder.ts";
import { op, pickled, torchFile } from "../../torch_file.ts";

const values = fileURLToPath(new URL("files/values.bin", import.meta.url));

/** The pickle of a file that PyTorch saved, and what reads it. */
async function realPickle(): Promise<{ bytes: Uint8Array; archive: Archive }> {
  const archive = await readArchive(values);
  const { offset, byteLength } = archive.get("data.pkl")!;
  return { bytes: (await Deno.readFile(values)).slice(offset, offset + byteLength), archive };
}

/** Runs a pickle, which ends well or with the one error that it may end with, soon. */
function run(bytes: Uint8Array, archive: Archive = new Map()): "ok" | string {
  const began = performance.now();
  try {
    unpickle(bytes, tensorReader(archive));
    return "ok";
  } catch (error) {
    assert.ok(error instanceof PickleError, `${error} of ${bytes}`);
    assert.ok(error.message.length < 400, error.message);
    return error.message;
  } finally {
    assert.ok(performance.now() - began < 5000);
  }
}

Deno.test("a real pickle cut off anywhere, or with any bit turned, is read or refused", async () => {
  const { bytes, archive } = await realPickle();
  assert.equal(run(bytes, archive), "ok");
  for (let length = 0; length < bytes.length; length++) {
    assert.notEqual(run(bytes.subarray(0, length), archive), "ok");
  }
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3] ^= 1 << (bit & 7);
    run(bytes, archive);
    bytes[bit >> 3] ^= 1 << (bit & 7);
  }
});

Deno.test("pickles that ask for much memory or time are refused before they get it", () => {
  const many = (length: number, ...codes: number[]) =>
    Uint8Array.from({ length }, (_, i) => codes[i % codes.length]);
  assert.match(run(many(2 ** 22, op.emptyDict)), /more than 262144 steps/);
  assert.match(run(many(2 ** 22, op.mark)), /deeper than 64 levels/);
  assert.match(run(many(2 ** 22, 0x5d, 0x94)), /more than 262144 steps/);
  // tuples of two of the one before, which would be 2^20000 values if anyone walked through them
  const doubled = [...pickled.number(1), 0x71, 0];
  for (let i = 0; i < 1e5; i++) doubled.push(0x68, 0, 0x86, 0x71, 0);
  assert.equal(run(Uint8Array.of(...doubled.slice(0, 1e5), op.stop)), "ok");
  const deep = new Uint8Array(2e5).fill(op.tuple1);
  deep.set([0x4e]);
  deep[deep.length - 1] = op.stop;
  assert.equal(run(deep), "ok");
  // lengths and places that are not there
  assert.match(run(Uint8Array.of(0x58, 255, 255, 255, 255, 1)), /ends too early/);
  assert.match(
    run(Uint8Array.of(0x4e, 0x72, 255, 255, 255, 255, 0x6a, 255, 255, 255, 254)),
    /recalls/,
  );
  assert.match(run(Uint8Array.of(0x63, ...new Uint8Array(1e5).fill(97))), /ends too early/);
  const named = new Uint8Array(1e5).fill(97);
  named.set([0x63]);
  named.set([10], 5e4);
  named.set([10], 1e5 - 1);
  assert.match(run(named), /asks for 'a{100}…'/);
});

Deno.test("a file cut off anywhere, or with any byte changed, is read or refused", async () => {
  const whole = torchFile({ a: { data: Float32Array.of(1, 2) } });
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.bin");
    /** Opens and reads bytes. @returns whether that went well. */
    const read = async (bytes: Uint8Array): Promise<boolean> => {
      await Deno.writeFile(path, bytes);
      try {
        const file = await openStateDict(path);
        for (const name of file.tensors.keys()) await file.read(name);
        return true;
      } catch (error) {
        assert.ok(error instanceof SyntaxError, `${error}`);
        assert.match(error.message, /^'[^']+' [^\n]+\.$/);
        return false;
      }
    };
    assert.ok(await read(whole));
    for (let length = 0; length < whole.length; length += 3) {
      assert.ok(!await read(whole.subarray(0, length)));
    }
    for (let at = 0; at < whole.length; at++) {
      for (const change of [1, 0x80]) {
        const bytes = whole.slice();
        bytes[at] ^= change;
        await read(bytes);
      }
    }
  });
});
