import type { ClassFilter, Steering } from "../decode/guidance.ts";

/** A way to steer; its label may be left out where the model has only one. */
type WayToSteer = Partial<Steering>;

/** A reward model's folder or a scorer's name, and the ways to steer by it. */
export interface SteeringGroup {
  readonly folder: string;
  /** Whether it is a scorer. Default: a reward model. */
  readonly scorer?: true;
  readonly ways: readonly WayToSteer[];
  readonly filter?: ClassFilter;
}

/**
 * Gathers `--reward DIR --label L --beta B --inverse …` as the options come: each setting belongs to the `--reward` or
 * `--scorer` before it, and one that was given already begins another way to steer by the same model.
 */
export class SteeringOptions {
  readonly #groups: {
    folder: string;
    scorer?: true;
    ways: WayToSteer[];
    filter?: ClassFilter;
  }[] = [];
  /** A setting that came before any `--reward` or `--scorer`. */
  orphan?: keyof Steering | "filter";

  get groups(): readonly SteeringGroup[] {
    return this.#groups;
  }

  addReward(folder: string): void {
    this.#groups.push({ folder, ways: [{}] });
  }

  addScorer(name: string): void {
    this.#groups.push({ folder: name, scorer: true, ways: [{}] });
  }

  setFilter(filter: ClassFilter): void {
    const group = this.#groups.at(-1);
    if (group) group.filter = filter;
    else this.orphan ??= "filter";
  }

  set<Name extends keyof Steering>(name: Name, value: Steering[Name]): void {
    const ways = this.#groups.at(-1)?.ways;
    if (!ways) {
      this.orphan ??= name;
      return;
    }
    if (name in ways.at(-1)!) ways.push({});
    ways.at(-1)![name] = value;
  }
}

/**
 * The ways to steer by a model, with their labels.
 *
 * @param labels those of the model.
 * @throws {Error} if a label has to be chosen and is not.
 */
export function steeringOf(
  { folder, scorer, ways }: SteeringGroup,
  labels: readonly string[],
): Steering[] {
  return ways.map((way) => {
    const label = way.label ?? (labels.length === 1 ? labels[0] : undefined);
    if (label === undefined || !labels.includes(label)) {
      throw new Error(
        `The ${scorer ? "scorer" : "reward model"} '${folder}' ` +
          (label === undefined ? "has several labels" : `has no label '${label}'`) +
          `: choose with --label among ${labels.join(", ")}`,
      );
    }
    return { ...way, label };
  });
}
