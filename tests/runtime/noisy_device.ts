import { openDevice } from "../../lib/runtime/device.ts";
import { holdingStandardError } from "../../lib/runtime/native_stderr.ts";

/** A program in whose process native code writes to standard error; it prints what was held and what `auto` took. */
const libc = Deno.dlopen("libc.so.6", {
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
});

function writeNatively(text: string): void {
  const bytes = new TextEncoder().encode(text);
  libc.symbols.write(2, bytes, BigInt(bytes.length));
}

const [{ said }, failed] = await Promise.all([
  holdingStandardError(() => Promise.resolve(writeNatively("held\n"))),
  holdingStandardError(() => Promise.reject(new Error("no driver"))),
]);
writeNatively("after\n");
const { name, note } = await openDevice();
console.log(
  JSON.stringify({
    said,
    reason: `${(failed.result as PromiseRejectedResult).reason}`,
    name,
    note,
  }),
);
