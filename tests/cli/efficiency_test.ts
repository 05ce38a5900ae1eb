import assert from "node:assert/strict";
import { join } from "node:path";
import { withFont } from "../charts/chart_checks.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { refuse, runTask } from "./run_task.ts";

const quick = ["--small", "--systems", "arm", "rad", "unguided", "--top-k", "1", "3"] as const;
const once = ["--tokens", "2", "--rounds", "1"] as const;

Deno.test("bench:decode and reproduce efficiency explain themselves", async () => {
  for (
    const [task, ...subcommand] of [
      ["bench:decode"],
      ["bench:decode", "loading"],
      ["bench:decode", "constancy"],
      ["bench:decode", "overhead"],
      ["reproduce", "efficiency"],
    ]
  ) {
    const { stdout, stderr } = await runTask(task, ...subcommand, "--help");
    const name = ["deno task", task, ...subcommand].join(" ");
    assert.ok(stdout.startsWith(`Usage: ${name} `), stdout);
    assert.equal(stderr, "");
  }
});

Deno.test("wrong options of the benchmark end with exit code 2 and one sentence", async () => {
  await refuse(2, /'other' is invalid: .*unguided, arm, rad/, "bench:decode", "--systems", "other");
  await refuse(
    2,
    /'0' is invalid: give "vocabulary", or a whole number from 1 up/,
    "bench:decode",
    "--top-k",
    "0",
  );
  await refuse(2, /'x' is invalid: give a whole number/, "bench:decode", "--rounds", "x");
  await refuse(2, /unknown option '--prompts'/, "bench:decode", "loading", "--prompts", "1");
  const small = ["reproduce", "efficiency", "--profile", "world", "--small"] as const;
  await refuse(2, /'--small' goes with --profile paper/, ...small);
  const drawn = ["reproduce", "efficiency", "--from", "a.jsonl"] as const;
  await refuse(2, /'--top-k' cannot be used with --from/, ...drawn, "--k", "5");
  await refuse(2, /'--device' cannot be used with --from/, ...drawn, "--device", "cpu");
});

Deno.test({
  ...withFont(
    "the benchmark prints one JSON object a measurement, from which figure and table are drawn",
  ),
  async fn() {
    await withTemporaryFolder(async (folder) => {
      const { stdout, stderr } = await runTask("bench:decode", ...quick, ...once, "--json");
      assert.equal(stderr, "");
      const rows = stdout.trim().split("\n").map((line) => JSON.parse(line));
      const named = rows.map(({ system, k, backbone_calls, device }) => [
        system,
        k,
        backbone_calls,
        device,
      ]);
      assert.deepEqual(named, [
        ["arm", 1, 1, "cpu"],
        ["arm", 3, 1, "cpu"],
        ["rad", 1, 1, "cpu"],
        ["rad", 3, 3, "cpu"],
        ["unguided", null, 0, "cpu"],
      ]);
      assert.ok(rows.every(({ ms_per_token, shapes }) => ms_per_token > 0 && shapes.batch === 25));

      const [file, out] = [join(folder, "rows.jsonl"), join(folder, "out")];
      await Deno.writeTextFile(file, stdout);
      await runTask("reproduce", "efficiency", "--from", file, "--out", out);
      assert.deepEqual(Array.from(Deno.readDirSync(out), ({ name }) => name).sort(), [
        ...["figure6.csv", "figure6.png", "figure6.svg", "figure6.vl.json"],
        ...["table1.csv", "table1.md"],
      ]);
      const again = ["reproduce", "efficiency", "--from", file, "--out", out] as const;
      await refuse(1, /table1\.md' is there already, and finished: use --overwrite /, ...again);
      await runTask(...again, "--overwrite");
      await Deno.writeTextFile(join(out, "measurements.jsonl"), stdout);
      const measure = ["reproduce", "efficiency", "--small", "--out", out] as const;
      await refuse(1, /measurements\.jsonl' is there already, and finished: use --ov/, ...measure);
      assert.equal(await Deno.readTextFile(join(out, "measurements.jsonl")), stdout);
    });
  },
});

Deno.test("a benchmark that SIGTERM stops leaves no weights behind", async () => {
  await withTemporaryFolder(async (folder) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "bench:decode", ...quick, "--rounds", "1000"],
      env: { NO_COLOR: "1", TMPDIR: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    while (!Array.from(Deno.readDirSync(folder)).some(({ name }) => name.startsWith("armature-"))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGTERM");
    const { code, stderr } = await child.output();
    const said = new TextDecoder().decode(stderr).replace(/^Download \S+\n/gm, "");
    assert.equal(code, 143, said);
    assert.equal(said, "Stopped; the temporary weights are removed.\n");
    const left = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith("armature-")), []);
  });
});
