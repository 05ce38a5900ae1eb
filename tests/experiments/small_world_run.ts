import { planExperiments } from "../../lib/experiments/experiments.ts";
import type { Profile, Task } from "../../lib/experiments/profile.ts";
import { worldProfile } from "../../lib/experiments/world_profile.ts";
import { writeOutcome } from "../../lib/experiments/write_outcome.ts";
import { StageStore } from "../../lib/stages/stage_store.ts";
import { cpu } from "../run_graph.ts";

/** The world profile in seconds: tiny models, few texts, and two strengths of each system. */
export function smallWorld(betas: readonly number[] = [10, 40]): Profile {
  const profile = worldProfile({
    texts: 400,
    prompts: 6,
    samples: 3,
    width: 16,
    layers: 1,
    effort: 0.5,
  });
  const smaller = (task: Task): Task => {
    const few = (systems: Task["systems"]) => systems.map((system) => ({ ...system, betas }));
    return {
      ...task,
      systems: few(task.systems.filter(({ name }) => /^(rad|arm)/.test(name))),
      ablation: few(task.ablation),
    };
  };
  const { detox, sentiment } = profile.tasks;
  return { ...profile, tasks: { detox: smaller(detox), sentiment: smaller(sentiment) } };
}

/** Runs detoxification and the ablation, as `deno task reproduce` does. @returns the path of the report. */
export async function runSmallWorld(
  folder: string,
  { profile = smallWorld(), onStage = () => {} }: {
    profile?: Profile;
    onStage?: (title: string) => void;
  } = {},
): Promise<string> {
  const plan = planExperiments(profile, ["detox", "ablation"]);
  const store = new StageStore(`${folder}/stages`);
  const context = { device: cpu, signal: new AbortController().signal };
  await store.run(plan.results, context, ({ title }) => onStage(title));
  const command = "deno task reproduce detox";
  return await writeOutcome(`${folder}/out`, { profile, plan, store, context, command });
}

if (import.meta.main) {
  const [folder] = Deno.args;
  await runSmallWorld(folder, { onStage: (title) => console.log(title) });
  console.log("whole");
}
