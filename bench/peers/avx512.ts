import { cpus } from "node:os";
import { join } from "node:path";

/**
 * Makes PyTorch's matrix library (MKL) use AVX-512 where it would not, because the processor is not Intel's: a function of
 * its own that tells it so, compiled into a library that is loaded first.
 *
 * @param folder where the library is written.
 * @returns what the environment of the process needs; undefined where there is no C compiler, or nothing to change.
 */
export async function avx512Environment(
  folder: string,
): Promise<Record<string, string> | undefined> {
  if (Deno.build.os !== "linux" || cpus()[0]?.model.includes("Intel")) return undefined;
  const [source, library] = ["mkl.c", "mkl.so"].map((name) => join(folder, name));
  await Deno.writeTextFile(source, "int mkl_serv_intel_cpu_true(void) { return 1; }\n");
  try {
    const { success } = await new Deno.Command("cc", {
      args: ["-shared", "-fPIC", "-o", library, source],
      stderr: "null",
    }).output();
    return success ? { LD_PRELOAD: library } : undefined;
  } catch {
    return undefined;
  }
}
