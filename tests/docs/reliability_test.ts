import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const page = await Deno.readTextFile(join(repository, "docs/reliability.md"));
const { imports, tasks } = JSON.parse(await Deno.readTextFile(join(repository, "deno.json"))) as {
  imports: Record<string, string>;
  tasks: Record<string, { command: string }>;
};

/** The first column of the table under a heading. */
function firstColumn(heading: string): string[] {
  const [, below] = page.split(`\n## ${heading}\n`);
  const [section] = below.split("\n## ");
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
}

Deno.test("the tests that show what happens are there", async () => {
  const plain = page.replace(/\s*\n(?!\n|\|)/g, " ");
  const named = [...plain.matchAll(/`(tests\/[\w/]+_test\.ts)`: ([^|.]+?)(?= *\||\.| *\n)/g)];
  assert.ok(named.length > 35, `${named.length} tests are named`);
  for (const [, path, name] of named) {
    // a name may be put together of several texts
    const code = (await Deno.readTextFile(join(repository, path))).replace(/"\s*\+\s*"/g, "");
    assert.ok(code.includes(name), `${path} has no test '${name}'`);
  }
});

Deno.test("every package is listed with what it is for, and no other; all are pinned", () => {
  const packages = Object.entries(imports).filter(([, target]) => target.startsWith("npm:"));
  const names = packages.map(([name]) => name);
  assert.deepEqual(firstColumn("What it stands on").sort(), names.sort());
  for (const [name, target] of packages) {
    assert.match(target, /@\d+\.\d+\.\d+[\w.-]*\/?$/, `${name} is not pinned`);
  }
});

Deno.test("tasks have the permissions that are listed, one by one, and none more", () => {
  const listed = firstColumn("What tasks may do");
  const used = new Set<string>();
  for (const [name, { command }] of Object.entries(tasks)) {
    if (name === "check") continue;
    assert.ok(command.includes("--no-prompt"), `${name} would ask`);
    assert.ok(!/\s(-A|--allow-all)\b/.test(command), `${name} may do everything`);
    for (const [flag] of command.matchAll(/--allow-\w+/g)) used.add(flag);
  }
  assert.deepEqual([...used].sort(), listed.sort());
});
