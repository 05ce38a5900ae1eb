import assert from "node:assert/strict";
import { join } from "node:path";
import * as armature from "../../mod.ts";
import { serveExplorerOptions } from "../../lib/explore/serve_explorer_options.ts";
import { runTask } from "../cli/run_task.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("deno task docs writes everything that mod.ts exports: a page of all, and pages for a browser", async () => {
  await withTemporaryFolder(async (folder) => {
    await runTask("docs", "--out", folder);
    const pages = new Set([...Deno.readDirSync(join(folder, "~"))].map(({ name }) => name));
    const names = [...Object.keys(armature), "GenerateOptions", "RunOptions"];
    assert.ok(names.length > 60);
    assert.deepEqual(names.filter((name) => !pages.has(`${name}.html`)), []);

    const page = await Deno.readTextFile(join(folder, "README.md"));
    const headings = page.match(/^### \w+$/gm)!.map((heading) => heading.slice(4));
    assert.deepEqual(names.filter((name) => !headings.includes(name)), []);
    assert.equal(new Set(headings).size, headings.length);
    // grouped as mod.ts is
    const groups = page.match(/^## .+$/gm)!;
    assert.deepEqual(groups.slice(0, 2), [
      "## Devices",
      "## Models to steer, and what steers them",
    ]);
    const section = (name: string) =>
      page.split(new RegExp(`^### ${name}$`, "m"))[1].split(/^###? /m)[0];
    // options that are declared in a table
    for (const name of Object.keys(serveExplorerOptions)) {
      assert.ok(section("serveExplorer").includes(`| \`${name}\` |`), name);
    }
    // and those that are inherited
    for (const name of ["kind", "seed", "batchSize"]) {
      assert.ok(section("trainRewardModel").includes(`| \`${name}\` |`), name);
    }
    for (const [, link] of page.matchAll(/\]\(#([\w-]+)\)/g)) {
      const anchors = page.match(/^###? .+$/gm)!.map((heading) =>
        heading.replace(/^#+ /, "").toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")
      );
      assert.ok(anchors.includes(link), link);
    }
  });
});
