/** The kinds of reward models whose published state dicts are known. */
export type CheckpointKind = "rad" | "arm";

export const checkpointKinds = ["rad", "arm"] as const satisfies readonly CheckpointKind[];

/** What a state dict calls the parameters of a reward model. */
export interface CheckpointNames {
  /** The name of one of our backbone's parameters. */
  backbone(name: string): string;
  /** Our name → the state dict's name, of the parameters of the head. */
  readonly head: ReadonlyMap<string, string>;
  /** The output embedding, if it is there: an ARM's is tied, so that it must equal the input embedding. */
  readonly output?: string;
}

/**
 * Finds the names of a reward model's parameters in a published state dict:
 *
 * - of RAD (github.com/r-three/RAD, `GPT2RewardModel`): `model.transformer.…` and `model.lm_head.weight` and `.bias`;
 * - of the ARM (github.com/serjtroshin/rad-q, `GPT2RewardSoftModel`): `model.transformer.…`,
 *   `head.lm_projection.weight` (`model.lm_projection.weight` in older ones) and `head.prefix_baseline.weight`;
 * - of their distillation, both, after `teacher_model.` and `student_model.`;
 * - of ours, and with any module's name before all of them.
 *
 * @param names all that the state dict has.
 * @throws {TypeError} if it has no such model. The message ends a sentence about the file.
 */
export function checkpointNames(names: ReadonlySet<string>, kind: CheckpointKind): CheckpointNames {
  const embeddings = [...names].filter((name) => /(^|\.)wte\.weight$/.test(name));
  const own = { rad: "teacher_model.", arm: "student_model." }[kind];
  const owned = embeddings.filter((name) => name.startsWith(own));
  const fitting = embeddings.length > 1 && owned.length > 0 ? owned : embeddings;
  if (fitting.length !== 1) {
    throw new TypeError(
      fitting.length === 0
        ? "it has no GPT-2 backbone (wte.weight)"
        : `it has several backbones (${fitting.join(", ")})`,
    );
  }
  const backbone = fitting[0].slice(0, -"wte.weight".length);
  const model = backbone.replace(/transformer\.$/, "");
  const whole = model.replace(/model\.$/, "");
  // the head of a part stands beside it, or beside what holds it
  const find = (name: string) =>
    [whole, model, `${whole}head.`, `${model}head.`].map((before) => before + name)
      .find((candidate) => names.has(candidate));
  const found = {
    rad: { "lm_head.weight": find("lm_head.weight"), "lm_head.bias": find("lm_head.bias") },
    arm: {
      "head.lm_projection.weight": find("lm_projection.weight"),
      "head.prefix_baseline.weight": find("prefix_baseline.weight"),
    },
  }[kind];
  const optional = "head.prefix_baseline.weight";
  for (const [name, stored] of Object.entries(found)) {
    if (!stored && name !== optional) throw new TypeError(`it has no ${name}, as ${kind} has`);
  }
  if (find("w1.weight")) throw new TypeError("its head has two layers, which are not supported");
  const head = Object.entries(found).filter((entry): entry is [string, string] => !!entry[1]);
  return {
    backbone: (name) => backbone + name,
    head: new Map(head),
    output: kind === "arm" ? find("lm_head.weight") : undefined,
  };
}
