import type { GoldenFile } from "./folder.ts";
import type { Golden } from "./golden.ts";

/** Systems that come later: where their cases have results, and what those are called. */
const systems = {
  dexperts: { steps: false, results: ["ensemble_logits", "probabilities", "kept"] },
  gedi: {
    steps: true,
    results: ["probabilities", "log_probabilities", "kept", "desired_class_probability"],
  },
} as const;

/** Lists the quantities of DExperts and GeDi, which nothing here computes. */
export async function notYet({ folder, report }: Golden): Promise<void> {
  for (const [name, { steps, results }] of Object.entries(systems)) {
    const file = folder.file(name);
    const places: string[] = [];
    const cases = await file.count("cases").catch(() => 0);
    for (let i = 0; i < cases; i++) {
      if (!steps) places.push(`cases.${i}`);
      const count = steps ? await file.count(`cases.${i}.steps`).catch(() => 0) : 0;
      for (let step = 0; step < count; step++) places.push(`cases.${i}.steps.${step}`);
    }
    for (const place of places) {
      for (const result of results) await list(`${place}.${result}`, file);
    }
    if (places.length === 0) report.notYet(name);
  }

  async function list(path: string, file: GoldenFile): Promise<void> {
    if (!await file.has(path)) return;
    const shape = await file.array(path).then(({ shape }) => shape, () => undefined);
    report.notYet(`${file.name}.${path}`, shape);
  }
}
