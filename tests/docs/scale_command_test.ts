import assert from "node:assert/strict";
import { join } from "node:path";
import { tasksWith } from "../cli/run_task.ts";
import { withHub } from "../cli/with_hub.ts";
import { writeTinyClassifier } from "../eval/scorers/tiny_classifier.ts";
import { serveTinyPaper, writeTinyPaperData } from "../experiments/tiny_paper.ts";
import { codeBlocksIn } from "./code_blocks.ts";

Deno.test("the command for SLURM plans as it is printed, and would submit all but what it fetches", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/scale.md", import.meta.url));
  const block = codeBlocksIn(page).find(({ code }) => code.includes("--on slurm"))!;
  const [, words] = block.code.replaceAll("\\\n", " ").split("deno task ");
  await withHub(async (hub, parent, env) => {
    const shared = words.replaceAll("/shared/", `${parent}/`).trim();
    const [task, ...args] = shared.split(/\s+/);
    await writeTinyPaperData(join(parent, "data"));
    await serveTinyPaper(hub, join(parent, "served"));
    await writeTinyClassifier(join(parent, "judge"), { id2label: { 0: "toxic", 1: "neutral" } });
    await hub.serveFolder("Xenova/toxic-bert", join(parent, "judge"));
    // where there is no SLURM
    const { runTask } = tasksWith({ ...env, PATH: parent });

    const { stdout: scripts } = await runTask(task, ...args, "--dry-run");
    const tasks = [...scripts.matchAll(/^#SBATCH --array=0-(\d+)$/gm)]
      .reduce((sum, [, last]) => sum + Number(last) + 1, 0);
    const alone = [...args.slice(0, args.indexOf("--on")), "--device", "cpu", "--dry-run"];
    const { stdout: plan } = await runTask(task, ...alone);
    const [, all] = /(\d+) of \1 stages to do/.exec(plan)!;
    const fetches = plan.match(/ Fetching /g)!;
    assert.ok(fetches.length > 5);
    assert.equal(tasks, Number(all) - fetches.length);
  });
});
