import type { MetricsRow } from "./metrics_row.ts";

/** A point of a learning curve, as `learningCurveChart` draws it. */
export interface LossPoint {
  readonly step: number;
  readonly loss: number;
  readonly series: string;
}

/** Steps that one point stands for: their number, and the sums of their places and losses. */
interface Group {
  count: number;
  steps: number;
  losses: number;
}

/** So many points are kept of a series at most: one for every second pixel of a chart. */
const MOST = 200;

/**
 * The losses of a run, of training and of held-out texts. Of a long run each point is the mean of as many steps as keep
 * the points few: the curve gets smoother as it grows, and its memory does not grow.
 */
export class LossCurve {
  readonly #series = new Map<string, GroupedLosses>();
  #constant: number | undefined;

  /** Takes the losses of a step. */
  add({ step, loss, eval_loss, constant_loss }: MetricsRow): void {
    this.#add("training", step, loss);
    this.#add("held out", step, eval_loss);
    if (typeof constant_loss === "number") this.#constant = constant_loss;
  }

  /** The loss of one prediction for all held-out texts, if that is known yet. */
  get constant(): number | undefined {
    return this.#constant;
  }

  /** The points of both series. */
  get points(): LossPoint[] {
    return [...this.#series].flatMap(([series, losses]) =>
      losses.points.map((point) => ({ ...point, series }))
    );
  }

  #add(name: string, step: number, loss: unknown): void {
    if (typeof loss !== "number") return;
    const series = this.#series.get(name) ?? new GroupedLosses();
    this.#series.set(name, series);
    series.add(step, loss);
  }
}

/** Losses in groups of neighbours, of which there are few. */
class GroupedLosses {
  #groups: Group[] = [];
  #size = 1;

  add(step: number, loss: number): void {
    const last = this.#groups.at(-1);
    if (last && last.count < this.#size) {
      join(last, { count: 1, steps: step, losses: loss });
      return;
    }
    if (this.#groups.length === MOST) {
      this.#groups = this.#groups.filter((group, i) => {
        if (i % 2 === 0) join(group, this.#groups[i + 1]);
        return i % 2 === 0;
      });
      this.#size *= 2;
    }
    this.#groups.push({ count: 1, steps: step, losses: loss });
  }

  get points(): Omit<LossPoint, "series">[] {
    return this.#groups.map(({ count, steps, losses }) => (
      { step: steps / count, loss: losses / count }
    ));
  }
}

function join(group: Group, other: Group): void {
  group.count += other.count;
  group.steps += other.steps;
  group.losses += other.losses;
}
