import assert from "node:assert/strict";
import { join } from "node:path";
import { putCudaProvider } from "../../lib/cli/cuda_provider.ts";
import { providerLibraries } from "../../lib/runtime/cuda_libraries.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { zipFile } from "../torch_file.ts";
import { wheelFiles } from "./small_wheel.ts";

Deno.test("a wheel's provider is put where it is found; another, or a torn one, is refused and leaves nothing", async () => {
  await withTemporaryFolder(async (folder) => {
    const wheel = join(folder, "it.whl");
    const to = join(folder, "native");
    await Deno.mkdir(to);
    const names = async () => (await Array.fromAsync(Deno.readDir(to))).map(({ name }) => name);
    const refuses = async (content: Uint8Array, message: string | RegExp) => {
      await Deno.writeFile(wheel, content);
      await assert.rejects(putCudaProvider(wheel, to, "1.30.0"), { name: "Error", message });
      assert.deepEqual(await names(), []);
    };
    await refuses(
      zipFile(wheelFiles({ version: "1.29.0" })),
      `'${wheel}' has onnxruntime-gpu 1.29.0, but onnxruntime-node is 1.30.0: fetch onnxruntime-gpu==1.30.0.`,
    );
    await refuses(
      zipFile(wheelFiles({ tag: "win_amd64" })),
      `'${wheel}' is for cp311-cp311-win_amd64: the provider is for Linux on x86_64 here.`,
    );
    await refuses(
      zipFile(wheelFiles({ changed: true })),
      `libonnxruntime_providers_shared.so in '${wheel}' is not what its package says (sha256): fetch it again.`,
    );
    await refuses(
      zipFile({ "other/file": new Uint8Array() }),
      `'${wheel}' has no package onnxruntime-gpu: give its wheel, or the folder with 'onnxruntime' and 'onnxruntime_gpu-1.30.0.dist-info'.`,
    );
    const whole = zipFile(wheelFiles());
    await refuses(
      whole.slice(0, 200),
      /^Cannot read '[^\n]+' as a wheel: [^\n]+; was it fetched to its end\?$/,
    );

    await Deno.writeFile(wheel, whole);
    await putCudaProvider(wheel, to, "1.30.0");
    assert.deepEqual((await names()).sort(), [...providerLibraries].sort());
    for (const name of providerLibraries) {
      assert.equal(await Deno.readTextFile(join(to, name)), `library ${name}`);
    }
  });
});

Deno.test("what a Python environment has is linked, with the libraries of CUDA", async () => {
  await withTemporaryFolder(async (folder) => {
    const packages = join(folder, "site-packages");
    const nvidia = join(packages, "nvidia", "cu13", "lib");
    const to = join(folder, "native");
    await Deno.mkdir(to);
    await Deno.mkdir(nvidia, { recursive: true });
    await Deno.writeTextFile(join(nvidia, "libcudart.so.13"), "");
    for (const [path, content] of Object.entries(wheelFiles())) {
      await Deno.mkdir(join(packages, path, ".."), { recursive: true });
      await Deno.writeFile(join(packages, path), content);
    }
    // a second time replaces the links of the first
    for (let time = 0; time < 2; time++) {
      const { cuda } = await putCudaProvider(packages, to, "1.30.0");
      assert.deepEqual(cuda, ["libcudart.so.13"]);
    }
    const real = (name: string) => Deno.realPath(join(to, name));
    assert.equal(
      await real("libcudart.so.13"),
      await Deno.realPath(join(nvidia, "libcudart.so.13")),
    );
    assert.match(await real(providerLibraries[0]), /site-packages.onnxruntime.capi/);
  });
});
