import type { AreaRow } from "./comparison.ts";
import { ablationVerdict, comparisonVerdict, standing } from "./verdicts.ts";

/** What a comparison found of the paper's experiments. */
export interface Finding {
  readonly experiment: "detox" | "sentiment" | "ablation";
  /** What the experiment is called in the report. */
  readonly title: string;
  readonly areas: readonly AreaRow[];
}

/** The paper's questions, and which systems of the comparisons answer them. */
const questions: readonly { readonly asked: string; readonly systems: readonly string[] }[] = [
  { asked: "Is the distilled ARM on par with RAD?", systems: ["arm-distilled"] },
  { asked: "How far is an ARM that was trained on labels alone?", systems: ["arm-labels"] },
];
const ofAblation = "What do regularizer and baseline do?";

/** What was found, by the paper's three questions, as lines of Markdown. */
export function answers(findings: readonly Finding[]): string[] {
  const asked = questions.flatMap(({ systems }) => systems);
  const compared = findings.filter(({ experiment }) => experiment !== "ablation");
  const of = (isMeant: (system: string) => boolean) =>
    compared.flatMap(({ title, areas }) =>
      areas.filter(({ system }) => isMeant(system)).map((row) =>
        `- **${title}.** ${comparisonVerdict(row)}${standing(row)}`
      )
    );
  const sections = [
    ...questions.map(({ asked, systems }) =>
      [asked, of((name) => systems.includes(name))] as const
    ),
    [
      ofAblation,
      findings.filter(({ experiment }) => experiment === "ablation").map(({ title, areas }) =>
        `- **${title}.** ${ablationVerdict(areas)}`
      ),
    ] as const,
    ["And the others?", of((name) => !asked.includes(name))] as const,
  ];
  return sections.flatMap(([question, lines]) =>
    lines.length === 0 ? [] : [`*${question}*\n`, ...lines, ""]
  );
}
