import { join } from "node:path";
import { apiPage } from "../api_page/api_page.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { command, runCommand } from "./command.ts";

const docs = command(
  "docs",
  "Write what mod.ts exports: one page of all, README.md, and pages for a browser, index.html.",
)
  .option("--out <dir>", "folder for the pages", join("docs", "api"))
  .action(async ({ out }) => {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--quiet", "--html", "--name=Armature", `--output=${out}`, "mod.ts"],
      cwd: new URL("../..", import.meta.url),
    }).spawn().status;
    if (code !== 0) throw new Error("The pages could not be written, as deno doc says why.");
    const page = join(out, "README.md");
    await writeAtomically(page, await apiPage(new URL("../../mod.ts", import.meta.url)));
    console.log(`One page: ${page}   In a browser: ${join(out, "index.html")}`);
  });

await runCommand(docs);
