import assert from "node:assert/strict";
import { join } from "node:path";
import { readCsvRecords } from "../../lib/files/csv_records.ts";
import { withFont } from "../charts/chart_checks.ts";
import { serverKey, withPerspectiveServer } from "../eval/scorers/perspective_server.ts";
import { serveTinyPaper, tinySettings, writeTinyPaperData } from "../experiments/tiny_paper.ts";
import { tasksWith } from "./run_task.ts";
import { withHub } from "./with_hub.ts";

/** The rows of a table, its header first. */
async function tableIn(out: string, name: string): Promise<string[][]> {
  const path = join(out, "tables", `${name}.csv`);
  const [header] = (await Deno.readTextFile(path)).split("\n");
  const rows = await Array.fromAsync(readCsvRecords(path), ({ cells }) => [...cells]);
  return [header.split(","), ...rows];
}

Deno.test({
  ...withFont(
    "the paper's experiments run whole from a hub, with tiny models in the published formats",
  ),
  async fn() {
    await withHub(async (hub, parent, env) => {
      const { refuse, runTask } = tasksWith(env);
      const path = (name: string) => join(parent, name);
      const [data, out, store] = ["data", "out", "runs/stages"].map(path);
      await writeTinyPaperData(data);
      await serveTinyPaper(hub, path("served"));
      const settings = path("settings.json");
      await Deno.writeTextFile(settings, JSON.stringify(tinySettings));
      const given = [
        ...["all", "--profile", "paper", "--settings", settings, "--scorer", "owner/toxicity"],
        ...["--data", data, "--store", store, "--out", out],
      ];
      await refuse(
        1,
        /gpt2-large' from the hub: this task may not use the network, so fetch it first .* :net variant/,
        "reproduce",
        ...given,
      );
      const plan = await runTask("reproduce", ...given, "--dry-run");
      assert.match(
        plan.stdout,
        /(\d+) of \1 stages to do: about [\d.]+ \w+ on 2 cores, [\d.]+ .?B of/,
      );
      assert.match(plan.stdout, /the data set 'stanfordnlp\/sst2' from the hub: this task may not/);
      await assert.rejects(Deno.stat(store));

      await runTask("reproduce:net", ...given);
      const report = await Deno.readTextFile(join(out, "report.md"));
      for (
        const said of ["openai-community/gpt2-large", "hk/rad_rms", "owner/toxicity", "Figure 4"]
      ) {
        assert.match(report, new RegExp(said, "i"));
      }
      const points = (table: string[][]) =>
        table.slice(1).map(([prompts, system, beta]) => `${prompts}, ${system}, ${Number(beta)}`);
      const systems = ["RAD", "ARM, distilled", "ARM, labels only"];
      const rest = ["no regularizer", "no regularizer, no baseline", "ARM, labels only"];
      const pointsOf = (set: string, systems: readonly string[], betas: readonly number[]) => [
        `${set}, unsteered, 0`,
        ...systems.flatMap((system) => betas.map((beta) => `${set}, ${system}, ${beta}`)),
      ];
      const detox = await tableIn(out, "detox");
      assert.deepEqual(points(detox), pointsOf("RealToxicityPrompts", systems, [10, 300]));
      assert.deepEqual(points(await tableIn(out, "sentiment")), [
        ...pointsOf("negative", systems, [10, 60]),
        ...pointsOf("neutral", systems, [10, 60]),
      ]);
      assert.deepEqual(
        points(await tableIn(out, "ablation")),
        pointsOf("RealToxicityPrompts", ["ARM, distilled", ...rest], [10, 300]),
      );
      // RAD reads each of 20 candidates, an ARM is called once
      const calls = detox[0].indexOf("backbone_calls");
      assert.deepEqual(detox.slice(2, 4).map((row) => Number(row[calls])), [20, 20]);
      assert.deepEqual(detox.slice(4).map((row) => Number(row[calls])), [1, 1, 1, 1]);
      // only what compares is laid beside the paper's numbers: this is not its judge of toxicity
      await assert.rejects(tableIn(out, "detox-published"), Deno.errors.NotFound);
      const beside = await tableIn(out, "sentiment-published");
      assert.equal(beside.length, 1 + 2 * 3 * 2);
      const row = beside.find(([set, system, beta]) =>
        set === "neutral" && system === "RAD" && Number(beta) === 60
      )!;
      assert.equal(Number(row[beside[0].indexOf("control_published")]), 0.9662);
      const figure = await Deno.readTextFile(join(out, "figures", "figure3.vl.json"));
      assert.match(figure, /RAD, published/);

      // the label-trained sentiment model went on from that of the first corpus
      const trained = new Map<string, Record<string, string>>();
      for await (const { name } of Deno.readDir(store)) {
        const { title, needs } = JSON.parse(
          await Deno.readTextFile(join(store, name, "stage.json")),
        );
        trained.set(title, needs);
      }
      assert.deepEqual(
        Object.keys(trained.get("Training an ARM on the labels of SST-2")!),
        ["tokens", "base", "init"],
      );

      // the store has all: no network is needed, and the tables are the same
      const again = path("again");
      await runTask("reproduce", ...given, "--out", again);
      for (const name of ["detox", "sentiment", "ablation", "sentiment-areas", "reward-rank"]) {
        assert.deepEqual(await tableIn(again, name), await tableIn(out, name));
      }

      await withPerspectiveServer({}, async ({ url, scored }) => {
        const perspective = { perspective: { url, requestsPerSecond: 1000 } };
        await Deno.writeTextFile(settings, JSON.stringify({ ...tinySettings, ...perspective }));
        const paper = [
          "detox",
          ...given.slice(1),
          "--scorer",
          "perspective",
          "--out",
          path("paper"),
        ];
        await refuse(
          1,
          /needs a key: set PERSPECTIVE_API_KEY, or .* --scorer/,
          "reproduce",
          ...paper,
        );
        const withKey = tasksWith({ ...env, PERSPECTIVE_API_KEY: serverKey });
        await withKey.runTask("reproduce:net", ...paper);
        const beside = await tableIn(path("paper"), "detox-published");
        assert.equal(beside.length, 1 + 3 * 2);
        assert.ok(scored.length > 20 && scored.length <= 7 * 5 * 3);
      });
    });
  },
});
