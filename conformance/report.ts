import { compare, exact, type NumericArray, showTolerance, type Tolerance } from "./compare.ts";
import type { GoldenFile } from "./folder.ts";

/** One quantity of a golden folder and how it came out. */
export interface Row {
  readonly quantity: string;
  readonly shape?: readonly number[];
  readonly maxAbsolute?: number;
  readonly maxRelative?: number;
  readonly tolerance?: string;
  /** `not yet`: nothing here computes it, so it was not compared. */
  readonly status: "passed" | "failed" | "not yet";
  /** Why it could not be compared, in one sentence. */
  readonly problem?: string;
}

export interface CompareOptions {
  /** Leaves out the elements where it is 0. Default: all count. */
  mask?: ArrayLike<number>;
  /** What the quantity is called beside its path, where it is computed in several ways. */
  way?: string;
  /** Whether it may be missing, because the folder's README does not describe it. Default false. */
  optional?: boolean;
}

/** Takes the comparisons of a golden folder and counts them. */
export class Report {
  readonly #onRow: (row: Row) => void;
  readonly counts: Record<Row["status"], number> = { passed: 0, failed: 0, "not yet": 0 };

  constructor(onRow: (row: Row) => void) {
    this.#onRow = onRow;
  }

  /** Compares a number or an array with the quantity at a path of a golden file. */
  async compare(
    file: GoldenFile,
    path: string,
    actual: NumericArray | number,
    tolerance: Tolerance,
    { mask, way, optional }: CompareOptions = {},
  ): Promise<void> {
    if (optional && !await file.has(path)) return;
    const quantity = `${file.name}.${path}${way ? ` (${way})` : ""}`;
    await this.section(quantity, async () => {
      this.compareWith(quantity, await file.array(path), actual, tolerance, mask);
    });
  }

  /** Compares a number or an array with what was expected. */
  compareWith(
    quantity: string,
    expected: NumericArray,
    actual: NumericArray | number,
    tolerance: Tolerance,
    mask?: ArrayLike<number>,
  ): void {
    const computed = typeof actual === "number" ? { shape: [], data: [actual] } : actual;
    const { ok, ...difference } = compare(computed, expected, tolerance, mask);
    this.#add({
      quantity,
      shape: expected.shape,
      ...difference,
      tolerance: showTolerance(tolerance),
      status: ok ? "passed" : "failed",
    });
  }

  /**
   * Takes what is equal or not.
   *
   * @param problem how it differs, in one sentence; absent where it is equal.
   */
  check(quantity: string, problem: string | undefined, shape?: readonly number[]): void {
    const status = problem === undefined ? "passed" : "failed";
    this.#add({ quantity, shape, tolerance: showTolerance(exact), status, problem });
  }

  /** Runs comparisons that belong together; what they throw is a failure of the section by that name. */
  async section(quantity: string, comparisons: () => Promise<void>): Promise<void> {
    try {
      await comparisons();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#add({ quantity, status: "failed", problem: message.replace(/\s*\n\s*/g, " ") });
    }
  }

  /** Lists a quantity that nothing here computes. */
  notYet(quantity: string, shape?: readonly number[]): void {
    this.#add({ quantity, shape, status: "not yet" });
  }

  #add(row: Row): void {
    this.counts[row.status]++;
    this.#onRow(row);
  }
}
