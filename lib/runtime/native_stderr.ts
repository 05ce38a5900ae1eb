/** What work led to, and what native code wrote to standard error meanwhile. */
export interface Held<T> {
  readonly result: PromiseSettledResult<T>;
  readonly said: string;
}

const libc = {
  dup: { parameters: ["i32"], result: "i32" },
  dup2: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
} as const;

const standardError = 2;
const fileName = "armature-stderr";
/** No more than this is kept. */
const kept = 2 ** 16;

let last: Promise<unknown> = Promise.resolve();

/**
 * Does work in native code, and keeps what it writes to standard error from the terminal: there is no other way to hear
 * a driver that only says, and does not return, what it found. Such work goes one after the other. Where standard error
 * cannot be held (outside of Linux, without `--allow-ffi`), it goes where it went.
 */
export function holdingStandardError<T>(work: () => Promise<T>): Promise<Held<T>> {
  const turn = last.then(() => held(work));
  last = turn;
  return turn;
}

async function held<T>(work: () => Promise<T>): Promise<Held<T>> {
  using hold = holdStandardError();
  const [result] = await Promise.allSettled([work()]);
  return { result, said: hold?.said() ?? "" };
}

/** Sends standard error to a file in memory until it is disposed. */
function holdStandardError(): Disposable & { said(): string } | undefined {
  if (Deno.build.os !== "linux" || isHeld()) return;
  let library: Deno.DynamicLibrary<typeof libc>;
  try {
    library = Deno.dlopen("libc.so.6", libc);
  } catch {
    return;
  }
  const { dup, dup2, close, memfd_create, pread } = library.symbols;
  const file = memfd_create(new TextEncoder().encode(`${fileName}\0`), 0);
  const before = dup(standardError);
  if (file >= 0 && before >= 0) dup2(file, standardError);
  return {
    said() {
      const bytes = new Uint8Array(kept);
      const length = Number(pread(file, bytes, BigInt(kept), 0n));
      return new TextDecoder().decode(bytes.subarray(0, Math.max(length, 0)));
    },
    [Symbol.dispose]() {
      if (before >= 0) dup2(before, standardError);
      close(before);
      close(file);
      library.close();
    },
  };
}

/** Whether another thread of this process holds it. */
function isHeld(): boolean {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${standardError}`).includes(fileName);
  } catch {
    return false;
  }
}
