import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import configuration from "../../deno.json" with { type: "json" };
import { readNotebook, textOf } from "../../lib/notebook_run/notebook_file.ts";
import { withNbconvert } from "../notebook/with_nbconvert.ts";
import { codeCell, notebookOf } from "../notebook_run/hand_made_notebook.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const name = `jsr:${configuration.name}@${configuration.version}`;

const sources: [source: string, tags?: string[]][] = [
  [`import "${name}/notebook";\nimport { createWorld } from "${name}";`],
  ["const size = 2; // of what is made\nconst word = 'a';", ["parameters"]],
  ["[{ length: word.repeat(size).length, world: typeof createWorld() }]", ["result"]],
  ["if (size > 3) throw new Error('too large')"],
];
const notebook = {
  ...notebookOf(
    ...sources.map(([source, tags], i) => ({ ...codeCell(source, [], tags), id: `c${i}` })),
  ),
  metadata: { kernelspec: { name: "deno", display_name: "Deno", language: "typescript" } },
};

Deno.test({
  ...withNbconvert(
    "a notebook in a folder elsewhere runs with other parameters, and a sweep ends in one table",
  ),
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const write = (file: string, content: unknown) =>
        Deno.writeTextFile(join(folder, file), JSON.stringify(content));
      await write("deno.json", { links: [repository], nodeModulesDir: "auto" });
      await write("small.ipynb", notebook);
      const ran = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `${name}/cli`, "notebook", "run", "small.ipynb", "--out", "all"]
          .concat(["--set", "word=bb", "--sweep", "size=3,4"]),
        cwd: folder,
        env: { NO_COLOR: "1", CI: "true" },
      }).output();
      const [printed, errors] = [ran.stdout, ran.stderr].map((bytes) =>
        new TextDecoder().decode(bytes)
      );
      assert.equal(ran.code, 1, errors);
      assert.match(
        printed,
        /\| word \| size \| length \| world \|\n.*\n\| bb \| 3 \| 6 \| object \|/,
      );
      assert.match(errors, /word=bb,size=4: cell \[5\] throws Error: too large/);
      const { cells } = await readNotebook(join(folder, "all", "word=bb,size=3.ipynb"));
      assert.deepEqual(cells.map(({ source }) => textOf(source).split("\n")[0]), [
        `import "${name}/notebook";`,
        "const size = 2; // of what is made",
        'const word = "bb";',
        sources[2][0],
        "if (size > 3) throw new Error('too large')",
      ]);
      assert.match(
        await Deno.readTextFile(join(folder, "all", "table.csv")),
        /^word,size,length,world\nbb,3(\.0)?,6/,
      );
    }),
});

Deno.test("the kernel is installed for Jupyter with a Deno that stays", async () => {
  await withTemporaryFolder(async (folder) => {
    // as npx keeps it
    const fetched = join(folder, "_npx", "deno");
    await Deno.mkdir(join(folder, "_npx"));
    await Deno.link(Deno.execPath(), fetched).catch(() => Deno.copyFile(Deno.execPath(), fetched));
    const task = join(repository, "lib/cli/notebook.ts");
    const { code, stdout, stderr } = await new Deno.Command(fetched, {
      args: ["run", "-A", "--config", join(repository, "deno.json"), task, "kernel"],
      env: { JUPYTER_DATA_DIR: join(folder, "jupyter"), NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const kernel = join(folder, "jupyter", "kernels", "deno");
    assert.match(new TextDecoder().decode(stdout), /^Installed the kernel 'deno' in /);
    await Deno.remove(join(folder, "_npx"), { recursive: true });
    const { argv } = JSON.parse(await Deno.readTextFile(join(kernel, "kernel.json")));
    assert.equal(argv[0], join(kernel, "deno"));
    assert.ok((await new Deno.Command(argv[0], { args: ["--version"] }).output()).success);
  });
});
