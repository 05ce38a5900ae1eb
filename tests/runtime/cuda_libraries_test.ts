import assert from "node:assert/strict";
import { join } from "node:path";
import {
  librariesOfSomeOps,
  loadCuda,
  neededLibraries,
  providerLibraries,
} from "../../lib/runtime/cuda_libraries.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("CUDA lacks what its provider needs, and nothing that only some ops ask for", async () => {
  await withTemporaryFolder(async (folder) => {
    const saidWithout = (missing: readonly string[]) =>
      loadCuda(folder, (name) => !missing.some((library) => name.endsWith(library)));
    assert.match((await saidWithout([]))!, /provider is not installed/);
    for (const name of providerLibraries) await Deno.writeTextFile(join(folder, name), "");
    assert.match((await saidWithout(["libcuda.so.1"]))!, /no NVIDIA driver/);
    for (const name of neededLibraries) {
      assert.equal(await saidWithout([name]), `the CUDA library ${name} is not found`);
    }
    assert.equal(await saidWithout(librariesOfSomeOps), undefined);
  });
});

Deno.test("CUDA's libraries are taken from beside the provider, or else as the system finds them", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const name of providerLibraries) await Deno.writeTextFile(join(folder, name), "");
    const linked = join(folder, "libcublas.so.13");
    await Deno.writeTextFile(linked, "");
    const asked: string[] = [];
    await loadCuda(folder, (library) => asked.push(library) > 0);
    assert.deepEqual(asked, [
      "libcuda.so.1",
      ...[...neededLibraries, ...librariesOfSomeOps].map((name) =>
        name === "libcublas.so.13" ? Deno.realPathSync(linked) : name
      ),
    ]);
  });
});
