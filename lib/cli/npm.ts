import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeAtomically } from "../files/atomic_write.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { readJsonFile } from "../files/json_file.ts";
import { command, runCommand } from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { runProgram } from "./run_program.ts";

const checkout = fileURLToPath(new URL("../../", import.meta.url));

/** What `npx armature` runs: Node starts the Deno that the package brings along. */
const launcher = `#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const deno = createRequire(import.meta.url).resolve("deno/bin.cjs");
const main = fileURLToPath(new URL("./lib/cli/main.js", import.meta.url));
const run = ["run", "-A", "--quiet", "--node-modules-dir=manual", "--v8-flags=--max-semi-space-size=4"];
const { status } = spawnSync(process.execPath, [deno, ...run, main, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
`;

/** What only the page for browsers takes files of, so that no import names it. */
const pagePackages = ["onnxruntime-web", "@huggingface/tokenizers"];

const npm = command(
  "npm",
  "Write the package for npm: a library for Deno, and the command `npx armature` for Node, which brings Deno along.",
)
  .requiredOption("--out <file>", "the package, such as armature.tgz")
  .action(async ({ out }) => {
    const { overwrite = false } = givenOptions(npm, outputOptions);
    await keepFinished(out, overwrite);
    const work = await Deno.makeTempDir();
    try {
      const packed = join(work, "packed.tgz");
      const pack = ["pack", "--quiet", "--allow-dirty", "--output", packed];
      await runProgram("Cannot pack", Deno.execPath(), pack, checkout);
      await runProgram("Cannot pack", "tar", ["xzf", packed, "-C", work]);
      await completePackage(join(work, "package"));
      await runProgram("Cannot pack", "tar", ["czf", packed, "-C", work, "package"]);
      await writeAtomically(out, (await Deno.open(packed)).readable);
    } finally {
      await Deno.remove(work, { recursive: true });
    }
    const { size } = await Deno.stat(out);
    console.log(
      `${out}: ${(size / 1e6).toFixed(1)} MB. There: npm install ${
        basename(resolve(out))
      } && npx armature --help`,
    );
  });

/** Adds the command, and exact versions: those that the tests ran with. */
async function completePackage(folder: string): Promise<void> {
  const [manifest, { imports }] = await Promise.all([
    readJsonFile(join(folder, "package.json")),
    readJsonFile(join(checkout, "deno.json")),
  ]) as [{ dependencies: Record<string, string> }, { imports: Record<string, string> }];
  const versions = new Map(
    Object.values(imports).flatMap((specifier) => {
      const [, name, version] = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(specifier) ?? [];
      return name ? [[name, version]] : [];
    }),
  );
  const names = [...Object.keys(manifest.dependencies), ...pagePackages].sort();
  const complete = {
    ...manifest,
    bin: { armature: "./armature.js" },
    dependencies: {
      ...Object.fromEntries(names.map((name) => [name, versions.get(name)])),
      deno: Deno.version.deno,
    },
  };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(complete, null, 2) + "\n");
  await Deno.writeTextFile(join(folder, "armature.js"), launcher, { mode: 0o755 });
}

addFlags(npm, outputOptions);

await runCommand(npm);
