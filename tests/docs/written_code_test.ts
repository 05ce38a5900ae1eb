import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTask } from "../cli/run_task.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { codeBlocksIn, programsIn } from "./code_blocks.ts";
import { Reader } from "./reader.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The README, the index of the documentation, and the guides. */
async function texts(): Promise<Map<string, string>> {
  const guides = join(repository, "docs", "guides");
  const paths = [
    join(repository, "README.md"),
    join(repository, "docs", "README.md"),
    ...[...Deno.readDirSync(guides)].map(({ name }) => join(guides, name)),
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
