import assert from "node:assert/strict";
import { join } from "node:path";
import { planExperiments } from "../../lib/experiments/experiments.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";
import { inOrder } from "../../lib/stages/stage.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask, startTask, tasksWith } from "./run_task.ts";
import { withHub } from "./with_hub.ts";

Deno.test("--dry-run prints every stage, the sums of what is to do, and makes nothing", async () => {
  await withTemporaryFolder(async (folder) => {
    const store = join(folder, "stages");
    const given = ["--dry-run", "--store", store] as const;
    const { stdout, stderr } = await runTask("reproduce", "detox", ...given, "--seeds", "2");
    assert.equal(stderr, "");
    const lines = stdout.trimEnd().split("\n");
    const sums = /^(\d+) of \1 stages to do: about [\d.]+ (s|min|h) on 2 cores, \d+ MB of disk, /;
    assert.match(lines.at(-1)!, sums);
    const [, count] = sums.exec(lines.at(-1)!)!;
    const stages = lines.filter((line) =>
      /^ *[\d.]+ (s|min|h) +[\d.]+ .B +[0-9a-f]{8} /.test(line)
    );
    assert.equal(stages.length, Number(count));
    const titled = (title: RegExp) => stages.filter((line) => title.test(line)).length;
    assert.equal(titled(/Training RAD, the teacher/), 2);
    assert.equal(titled(/Comparing the systems of detox/), 1);
    // a model of each seed for every strength
    assert.equal(titled(/[0-9a-f] {2}Generating: detox, ARM, distilled, β = 10, /), 2);
    await assert.rejects(Deno.stat(store), Deno.errors.NotFound);
  });
});

Deno.test("reproduce refuses arguments that do not fit together, and says what is lacking", async () => {
  await refuse(
    2,
    /'--budget' goes with --profile real or pretrained/,
    "reproduce",
    ...["all", "--budget", "9"],
  );
  await refuse(
    2,
    /'--models' goes with --profile pretrained/,
    "reproduce",
    ...["all", "--models", "m"],
  );
  await refuse(2, /'--max-jobs' goes with --on/, "reproduce", "all", "--max-jobs", "9");
  await refuse(2, /'--jobs' goes without --on/, "reproduce", "all", "--on=slurm", "--jobs=2");
  await refuse(
    1,
    /Cannot tell which device jobs will have: give --device /,
    "reproduce",
    ...["all", "--on", "slurm", "--device", "auto"],
  );
  await refuse(2, /'--scorer' goes with --profile paper/, "reproduce", "detox", "--scorer", "x");
  await refuse(2, /'--settings' goes with --profile p/, "reproduce", "detox", "--settings", "x");
  await refuse(
    2,
    /'small' is invalid: .*world, real, pretrained, paper/,
    "reproduce",
    "all",
    "--profile",
    "small",
  );
  await refuse(2, /'0' is invalid: .* from 1 up/, "reproduce", "detox", "--seeds", "0");
  await refuse(2, /unknown command 'figure'/, "reproduce", "figure");
  await withHub(async (_, folder, env) => {
    const { refuse } = tasksWith(env);
    const data = ["--data", join(folder, "none"), "--store", join(folder, "stages")];
    await refuse(
      1,
      /none\/.*': there is no such file, so name the folder of the data with --data/,
      "reproduce",
      ...["sentiment", "--profile", "real", ...data],
    );
    const paper = ["detox", "--profile", "paper", ...data] as const;
    const scorer = ["--scorer", "owner/judge"] as const;
    await refuse(
      1,
      /'openai-community\/gpt2-large' from the hub: /,
      "reproduce",
      ...paper,
      ...scorer,
    );
    await refuse(
      1,
      /There is no scorer 'no\/such\/dir'/,
      "reproduce",
      ...paper,
      "--scorer",
      "no/such/dir",
    );
    const settings = join(folder, "settings.json");
    const cases: [string, RegExp][] = [
      [
        '{"decoding": {"beta": [1]}}',
        /there is no setting 'decoding\.beta', but topK, samples, max/,
      ],
      ['{"decoding": {"k": "20"}}', /'decoding\.topK' must be a number/],
      [
        '{"decoding": {"toxicityBetas": []}}',
        /'decoding\.toxicityBetas' must be a list of numbers/,
      ],
      ['{"prompts": 3}', /'prompts' must be an object/],
      ["[]", /it must be an object/],
      ["{", /it is not JSON/],
    ];
    for (const [content, reason] of cases) {
      await Deno.writeTextFile(settings, content);
      await refuse(1, reason, "reproduce", ...paper, "--settings", settings);
    }
    await assert.rejects(Deno.stat(join(folder, "stages")), Deno.errors.NotFound);
  });
});

Deno.test("for SLURM, scripts are printed where it is not, and what needs no GPU asks for none and is made without", async () => {
  await withTemporaryFolder(async (folder) => {
    const { runTask } = tasksWith({ PATH: folder });
    // installed, and of no cluster
    await Deno.writeTextFile(join(folder, "sbatch"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const store = join(folder, "stages");
    const given = ["detox", "--store", store, "--device", "cuda"] as const;
    const cluster = ["--on", "slurm", "--gpus", "1", "--cpu-partition", "cpu"] as const;
    const { stdout, stderr } = await runTask("reproduce", ...given, ...cluster, "--dry-run");
    assert.match(stderr, /^No slurm answers on this machine: [^\n]+\n$/);
    const scripts = stdout.split("#!/bin/sh\n").slice(1);
    const asking = (what: RegExp) => scripts.filter((script) => what.test(script)).length;
    assert.ok(asking(/gpus=1/) > 10 && asking(/partition=cpu/) > 3);
    assert.equal(asking(/gpus=1/) + asking(/partition=cpu/), scripts.length);
    await assert.rejects(Deno.stat(store), Deno.errors.NotFound);

    const { results } = planExperiments(worldProfile(), ["detox"]);
    const stages = [...inOrder(results, { name: "cuda" })];
    const [prompts] = stages.find(([, { kind }]) => kind === "world-prompts/1")!;
    const made = await runTask("reproduce", ...given, ...cluster, "--stage", prompts);
    assert.equal(made.stdout, `${prompts}  is there\n`);
  });
});

Deno.test("a report that is there is replaced with --overwrite only", async () => {
  await withTemporaryFolder(async (folder) => {
    const store = join(folder, "stages");
    await Deno.writeTextFile(join(folder, "report.md"), "mine\n");
    const given = ["reproduce", "detox", "--store", store, "--out", folder] as const;
    await refuse(1, /is there already, and finished: use --overwrite /, ...given);
    assert.equal(await Deno.readTextFile(join(folder, "report.md")), "mine\n");
    await assert.rejects(Deno.stat(store), Deno.errors.NotFound);
  });
});

Deno.test({
  name: "a run that is stopped says that it goes on from there, and does",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const store = join(folder, "stages");
      const given = ["detox", "--store", store, "--out", join(folder, "out")];
      const child = startTask("reproduce", given);
      const stderr = new Response(child.stderr).text();
      let said = "";
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
        if (!said.includes("Training a base") && (said += text).includes("Training a base")) {
          child.kill("SIGINT");
        }
      }
      const { code } = await child.status;
      assert.deepEqual([code, await stderr], [
        130,
        `Stopped; what was finished is in '${store}', and the same command goes on from there.\n`,
      ]);
      const plan = await runTask("reproduce", ...given, "--dry-run");
      assert.match(plan.stdout, /^done .* Sampling 20000 texts from the small world$/m);
    });
  },
});
