import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import configuration from "../../deno.json" with { type: "json" };
import about from "../../lib/about.json" with { type: "json" };
import { withTemporaryFolder } from "../temporary_folder.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What somebody elsewhere writes first: a graph that runs, and the function that steers. */
const program = (from: string) => `
import { compile, floats, input, openDevice, ops, Session } from "${from}/graph";
import { generateTexts } from "${from}";
const x = input("x", "float32", [3]);
await using session = await Session.open(compile({ y: ops.mul(x, x) }), await openDevice("cpu"));
const { y } = await session.run({ x: floats([3], [1, 2, 3]) });
console.log([...y.data].join(), typeof generateTexts);
`;
const answer = "1,4,9 function\n";

/** Runs Deno elsewhere than here; packages come from the cache of npm's, which the checkout has filled. */
async function deno(folder: string, ...args: string[]): Promise<string> {
  return await printed(Deno.execPath(), folder, args);
}

async function printed(program: string, folder: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  assert.equal(
    code,
    0,
    `${program} ${args.join(" ")}\n${text.decode(stdout)}${text.decode(stderr)}`,
  );
  return text.decode(stdout);
}

Deno.test("importing mod.ts loads no package that only charts, pictures, tables or experiments need", async () => {
  const { roots, modules } = JSON.parse(await deno(repository, "info", "--json", "mod.ts")) as {
    roots: string[];
    modules: {
      specifier: string;
      dependencies?: { specifier: string; isDynamic?: boolean; code?: { specifier: string } }[];
    }[];
  };
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const reached = new Set(roots);
  for (const name of reached) {
    for (const { code, isDynamic } of byName.get(name)?.dependencies ?? []) {
      if (code && !isDynamic) reached.add(code.specifier);
    }
  }
  assert.ok(reached.size > 100);
  const heavy = /npm:\/?(vega|nodejs-polars|@resvg|@viz-js|@huggingface\/transformers|ml-matrix)/;
  assert.deepEqual([...reached].filter((name) => heavy.test(name)), []);
});

Deno.test("an entry point has nothing that mod.ts has not, but the notebook's and the commands'", async () => {
  const whole = new Set(Object.keys(await import("../../mod.ts")));
  for (
    const part of [
      await import("../../lib/entries/charts.ts"),
      await import("../../lib/entries/experiments.ts"),
      await import("../../lib/entries/graph.ts"),
    ]
  ) {
    assert.ok(Object.keys(part).length > 5);
    assert.deepEqual(Object.keys(part).filter((name) => !whole.has(name)), []);
  }
});

Deno.test("the package says of itself what deno.json says", async () => {
  assert.equal(about.version, configuration.version);
  for (const [name, version] of Object.entries(about.packages)) {
    assert.equal(
      configuration.imports[name as keyof typeof about.packages],
      `npm:${name}@${version}`,
    );
  }
  const main = join(repository, "lib/cli/main.ts");
  const help =
    (await deno(repository, "run", "--no-prompt", "--allow-env", "--allow-read", main, "--help"))
      .replaceAll(/\s+/g, " ");
  // those that only a checkout has
  const ours = ["docs", "notebooks", "npm", "pack"];
  for (const [name, { command, description }] of Object.entries(configuration.tasks)) {
    if (!command.includes(`lib/cli/${name}.ts`) || ours.includes(name)) continue;
    assert.ok(
      help.includes(`${name} ${description}`),
      `armature --help lacks ${name}: ${description}`,
    );
  }
});

Deno.test("deno publish --dry-run passes: types need no inference, and every import is found", async () => {
  await deno(repository, "publish", "--dry-run", "--allow-dirty", "--no-check");
});

Deno.test("a folder elsewhere imports the library by a link, and runs its commands", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(
      join(folder, "deno.json"),
      JSON.stringify({ links: [repository], nodeModulesDir: "auto" }),
    );
    const package_ = `jsr:${configuration.name}@${configuration.version}`;
    await Deno.writeTextFile(join(folder, "first.ts"), program(package_));
    assert.equal(await deno(folder, "run", "-A", "first.ts"), answer);
    assert.equal(
      await deno(folder, "run", "-A", `${package_}/cli`, "--version"),
      `${about.version}\n`,
    );
  });
});

Deno.test("a folder elsewhere imports the library by its path, with its import map", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ nodeModulesDir: "auto" }));
    const mod = new URL("../../mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      join(folder, "first.ts"),
      program("armature").replace('"armature"', `"${mod}"`),
    );
    const from = ["--import-map", join(repository, "deno.json"), "--no-lock"];
    assert.equal(await deno(folder, "run", "-A", ...from, "first.ts"), answer);
  });
});

Deno.test("it runs from a server, with nothing of it on the disk", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const content = await Deno.readTextFile(join(repository, pathname)).catch(() => undefined);
      return new Response(content, {
        status: content === undefined ? 404 : 200,
        headers: { "Content-Type": pathname.endsWith(".ts") ? "text/typescript" : "text/plain" },
      });
    },
  );
  const address = `http://127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify({ nodeModulesDir: "auto" }));
    await Deno.writeTextFile(join(folder, "first.ts"), program("armature"));
    const from = ["--import-map", `${address}/deno.json`, "--no-lock"];
    assert.equal(await deno(folder, "run", "-A", ...from, "first.ts"), answer);
  });
});

Deno.test("deno pack makes an npm package that runs under Deno", async () => {
  await withTemporaryFolder(async (folder) => {
    const file = join(folder, "armature.tgz");
    await deno(repository, "pack", "--allow-dirty", "--output", file);
    await printed("tar", folder, ["xzf", file]);
    const unpacked = join(folder, "package");
    await deno(unpacked, "install", "--quiet");
    await Deno.writeTextFile(join(unpacked, "first.ts"), program(configuration.name));
    assert.equal(await deno(unpacked, "run", "-A", "first.ts"), answer);
    assert.equal(
      await deno(unpacked, "run", "-A", "lib/cli/main.js", "--version"),
      `${about.version}\n`,
    );
  });
});
