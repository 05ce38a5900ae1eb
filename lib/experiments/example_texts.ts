import type { StageContext } from "../stages/stage.ts";
import type { StageStore } from "../stages/stage_store.ts";
import type { ComparisonPlan } from "./experiments.ts";
import { markdownCode } from "./markdown_text.ts";
import { unsteeredName } from "./points.ts";
import { files, readRows } from "./stages/files.ts";
import type { GenerationRow } from "./stages/generation_stage.ts";

/** Texts of a set of prompts that are shown. */
const shown = { prompts: 2, continuations: 2 } as const;

/**
 * The first continuations of the first prompts of every set, by the first seed, with each system at the middle one of its strengths: as
 * they came, none of them chosen.
 */
export async function exampleTexts(
  { points }: ComparisonPlan,
  store: StageStore,
  context: Pick<StageContext, "device">,
): Promise<string> {
  const lines: string[] = [];
  for (const set of new Set(points.map(({ prompts }) => prompts))) {
    const inSet = points.filter(({ prompts }) => prompts === set);
    const of = new Map<string, readonly GenerationRow[]>();
    for (const system of new Set(inSet.map(({ system }) => system))) {
      const strengths = inSet.filter((point) => point.system === system);
      const { title, beta, generations: [first] } = strengths[Math.floor(strengths.length / 2)];
      const name = system === unsteeredName ? title : `${title}, β = ${beta}`;
      const rows = await readRows<GenerationRow>(store.folderOf(first, context), files.generations);
      of.set(name, rows.slice(0, shown.prompts));
    }
    const [prompts] = of.values();
    prompts.forEach(({ prompt }, i) => {
      lines.push(`**${set}:** ${markdownCode(prompt)}\n`);
      for (const [name, rows] of of) {
        for (const text of rows[i].continuations.slice(0, shown.continuations)) {
          lines.push(`- ${name}: ${markdownCode(text)}`);
        }
      }
      lines.push("");
    });
  }
  return [
    "### Texts\n",
    `The first ${shown.continuations} continuations of the first ${shown.prompts} prompts of a set, by the first seed, each ` +
    "system at the middle one of its strengths: none of them is chosen.\n",
    ...lines,
  ].join("\n");
}
