import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { keepFinished } from "../files/finished_output.ts";
import { makeFolder } from "../files/make_folder.ts";
import { command, runCommand } from "./command.ts";
import { nativeFolder, nativeLibrary, packLibrary } from "./packed_library.ts";
import { runProgram } from "./run_program.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** What Node loads of ONNX Runtime beside its library; the CUDA provider is not taken along. */
const nativeBinding = "onnxruntime_binding.node";

/** The scripts that `bench:gpu` gives to a Python with PyTorch. */
const peers = join(checkout, "bench", "peers");

/** Packages with native parts that are left out: what writes Parquet and PNG needs them. */
const leftOut = ["nodejs-polars", "@resvg/resvg-js", "sharp"];

/** transformers.js imports sharp wherever it is loaded, for images, which nothing here reads. */
const noSharp = {
  "package.json": '{ "name": "sharp", "main": "index.js" }\n',
  "index.js": 'module.exports = () => { throw new Error("A pack reads no images."); };\n',
};

/** Runs Deno's binary on the bundle. What V8 caches is kept in the folder, which is all that is there. */
const launcher = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export DENO_DIR="\${DENO_DIR:-$here/cache}" DENO_NO_UPDATE_CHECK=1
exec "$here/deno" run -A --quiet --cached-only --v8-flags=--max-semi-space-size=4 --config "$here/deno.json" "$here/app/packed.js" "$@"
`;

await runCommand(
  command("pack", "Write all that runs on a bare Linux x64 machine into one file.")
    .requiredOption("--out <file>", "the archive: .tar.zst or .tar.gz")
    .option("--model <dir...>", "folders of models to take along, to models/")
    .option("--data <file...>", "files to take along, to data/")
    .option("--overwrite", "replace the archive, if it is there")
    .action(async ({ out, model = [], data = [], overwrite = false }) => {
      const compression = compressionOf(out);
      if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
        throw new Error(
          `Cannot pack on ${Deno.build.target}, as Deno and ONNX Runtime of this machine are taken along: pack on Linux x64.`,
        );
      }
      await keepFinished(out, overwrite);
      await makeFolder(dirname(resolve(out)));
      const work = await Deno.makeTempDir();
      try {
        const root = join(work, "armature");
        await layOut(root);
        for (const dir of model) {
          await runProgram("Cannot pack", "cp", ["-rL", dir, join(root, "models", named(dir))]);
        }
        for (const file of data) {
          await runProgram("Cannot pack", "cp", ["-L", file, join(root, "data", named(file))]);
        }
        const partial = join(dirname(resolve(out)), `.${basename(out)}.partial`);
        try {
          await runProgram("Cannot pack", "tar", [
            `--use-compress-program=${compression}`,
            ...["*.map", "*.d.ts"].map((name) => `--exclude=${name}`),
            "-cf",
            partial,
            "-C",
            work,
            "armature",
          ]);
          await Deno.rename(partial, out);
        } finally {
          await Deno.remove(partial).catch(() => {});
        }
      } finally {
        await Deno.remove(work, { recursive: true });
      }
      const { size } = await Deno.stat(out);
      console.log(
        `${out}: ${(size / 1e6).toFixed(1)} MB. There: tar xf ${
          basename(out)
        } && armature/armature --help`,
      );
    }),
);

function compressionOf(path: string): string {
  if (path.endsWith(".tar.zst")) return "zstd -q -12 -T0";
  if (path.endsWith(".tar.gz")) return "gzip -9";
  throw new Error(`Cannot pack into '${path}': its name must end in .tar.zst or .tar.gz.`);
}

/** The folder without models and data. */
async function layOut(root: string): Promise<void> {
  const runtime = join(root, "node_modules", "onnxruntime-node");
  for (const folder of [join(runtime, nativeFolder), join(root, "models"), join(root, "data")]) {
    await Deno.mkdir(folder, { recursive: true });
  }
  const external = ["onnxruntime-node", ...leftOut].flatMap((name) => ["--external", name]);
  const bundle = [
    "bundle",
    "--quiet",
    "--platform",
    "deno",
    "--minify",
    "--code-splitting",
    ...external,
  ];
  await runProgram("Cannot pack", Deno.execPath(), [
    ...bundle,
    "--outdir",
    join(root, "app"),
    "bench/packed.ts",
  ], checkout);
  for await (const { name } of Deno.readDir(peers)) {
    if (!/\.(py|txt)$/.test(name)) continue;
    await Deno.copyFile(join(peers, name), join(root, "app", name));
  }
  await Deno.copyFile(Deno.execPath(), join(root, "deno"));

  const installed = await Deno.realPath(join(checkout, "node_modules", "onnxruntime-node"));
  for (const part of ["package.json", "dist"]) {
    await runProgram("Cannot pack", "cp", ["-rL", join(installed, part), runtime]);
  }
  const [from, to] = [installed, runtime].map((folder) => join(folder, nativeFolder));
  await Deno.copyFile(join(from, nativeBinding), join(to, nativeBinding));
  await packLibrary(join(from, nativeLibrary), join(to, nativeLibrary));
  const common = join(root, "node_modules", "onnxruntime-common");
  await Deno.mkdir(join(common, "dist"), { recursive: true });
  for (const part of ["package.json", "dist/cjs"]) {
    const source = join(installed, "..", "onnxruntime-common", part);
    await runProgram("Cannot pack", "cp", ["-rL", source, join(common, part)]);
  }
  const sharp = join(root, "node_modules", "sharp");
  await Deno.mkdir(sharp);
  for (const [name, text] of Object.entries(noSharp)) {
    await Deno.writeTextFile(join(sharp, name), text);
  }
  await Deno.copyFile(join(checkout, "LICENSE"), join(root, "LICENSE"));
  await Deno.writeTextFile(join(root, "deno.json"), '{ "nodeModulesDir": "manual" }\n');
  await Deno.writeTextFile(
    join(root, "package.json"),
    '{ "dependencies": { "onnxruntime-node": "*", "sharp": "*" } }\n',
  );
  await Deno.writeTextFile(join(root, "armature"), launcher, { mode: 0o755 });
}

function named(path: string): string {
  return basename(resolve(path));
}
