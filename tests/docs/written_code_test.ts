import assert from "node:assert/strict";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { runTask } from "../cli/run_task.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { codeBlocksIn, programsIn } from "./code_blocks.ts";
import { Reader } from "./reader.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What is written for readers: the README, CONTRIBUTING, and all pages of the documentation but those that are made. */
async function texts(): Promise<Map<string, string>> {
  const docs = join(repository, "docs");
  const folders = [docs, join(docs, "guides"), join(docs, "methods")];
  const pages = folders.flatMap((folder) =>
    [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name))
  );
  const paths = [
    join(repository, "README.md"),
    join(repository, "CONTRIBUTING.md"),
    ...pages.filter((path) => path.endsWith(".md")),
  ];
  const read = paths.map(async (path) => [path, await Deno.readTextFile(path)] as const);
  return new Map(await Promise.all(read));
}

Deno.test("the programs in README and guides pass the type checker", async () => {
  await withTemporaryFolder(async (folder) => {
    const reader = await Reader.begin(folder, {});
    const files: string[] = [];
    for (const [path, text] of await texts()) {
      const programs = programsIn(codeBlocksIn(text)).filter(({ language }) => language === "ts");
      for (const program of programs) {
        files.push(await reader.save({ ...program, note: "" }, basename(path, ".md")));
      }
    }
    assert.ok(files.length > 4);
    const { code, output } = await reader.run(`deno check ${files.join(" ")}`);
    assert.equal(code, 0, output);
  });
});

/** A `deno task` that a text speaks of, with the words after it. */
interface Command {
  readonly task: string;
  readonly words: readonly string[];
}

/** The commands in blocks and in lines, a backslash at the end of a line going on in the next. */
function commandsIn(text: string): Command[] {
  const blocks = codeBlocksIn(text).filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.replaceAll("\\\n", " ").split("\n"));
  const inline = [...text.matchAll(/`(deno task [^`]+)`/g)].map(([, code]) => code);
  return [...blocks, ...inline].flatMap((line) =>
    [...line.replace(/ # .*/, "").matchAll(/deno task (?:--quiet )?([\w:]+)([^|&;)]*)/g)]
      .map(([, task, rest]) => ({ task, words: rest.trim().split(/\s+/) }))
  );
}

Deno.test("every task and option in README and guides is there", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(repository, "deno.json")));
  const options = new Map<string, Set<string>>();
  for (const [path, text] of await texts()) {
    for (const { task, words } of commandsIn(text)) {
      assert.ok(task in tasks, `${path}: there is no task '${task}'`);
      const command = [task, ...words.slice(0, 1).filter((word) => /^[a-z]+$/.test(word))].join(
        " ",
      );
      const used = words.map((word) => word.split("=")[0]).filter((word) => /^--\w/.test(word));
      if (used.length === 0) continue;
      options.set(command, new Set([...options.get(command) ?? [], ...used]));
    }
  }
  assert.ok(options.size > 10);
  for (const [command, used] of options) {
    const [task, ...subcommand] = command.split(" ");
    const { stdout: help } = await runTask(task, ...subcommand, "--help");
    const known = new Set(help.match(/--[a-z][\w-]*/g));
    assert.deepEqual([...used].filter((option) => !known.has(option)), [], `deno task ${command}`);
  }
});

Deno.test("files that README and guides name are there", async () => {
  for (const [path, text] of await texts()) {
    // an arrow leads to the name of a reader's own file
    const named = text.replace(/→ `[^`]+`/g, "").replace(
      /^```[^]*?^```$/gm,
      (block) => block.startsWith("```mermaid") ? block : "",
    );
    for (
      const [file] of named.matchAll(
        /(?<=^|[\s`"<>])(?:lib|tests|docs(?!\/api)|bench)\/[\w./-]*\w/gm,
      )
    ) {
      await Deno.stat(join(repository, file)).catch(() =>
        assert.fail(`${path} names ${file}, which is not there`)
      );
    }
  }
});

Deno.test("members of types that CONTRIBUTING speaks of are there", async () => {
  const text = await Deno.readTextFile(join(repository, "CONTRIBUTING.md"));
  const modules = await Promise.all(
    [...filesIn(join(repository, "lib"))].map((path) => Deno.readTextFile(path)),
  );
  const named = [...text.matchAll(/\b([A-Z][a-zA-Z]+)\.([a-z]\w+)\b/g)];
  const members = named.filter(([, type]) => type !== "README");
  assert.ok(members.length > 8);
  for (const [, type, member] of members) {
    const module = modules.find((module) =>
      new RegExp(`\\b(class|interface) ${type}\\b`).test(module)
    );
    assert.match(module ?? "", new RegExp(`^  .*\\b${member}\\b`, "m"), `${type}.${member}`);
  }
});

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesIn(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

Deno.test("every page of the documentation is listed in its index", async () => {
  const docs = join(repository, "docs");
  const index = await Deno.readTextFile(join(docs, "README.md"));
  for (const path of (await texts()).keys()) {
    if (!path.startsWith(docs) || path === join(docs, "README.md")) continue;
    const link = relative(docs, path);
    assert.ok(index.includes(`](${link})`), link);
  }
});

Deno.test("links in README and guides lead to files", async () => {
  for (const [path, text] of await texts()) {
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      // made by `deno task docs`
      if (link.startsWith("api/")) continue;
      const target = join(path, "..", link);
      await Deno.stat(target).catch(() => assert.fail(`${path} links ${link}, which is not there`));
    }
  }
});
