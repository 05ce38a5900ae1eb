/** Numbers laid out row-major. */
export interface NumericArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** How far a number may be off: `absolute` + `relative` · |expected|. Both absent: not at all. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

export const exact: Tolerance = {};

/** A tolerance as a table shows it. */
export function showTolerance({ absolute, relative }: Tolerance): string {
  const parts = [
    ...(absolute ? [absolute.toExponential()] : []),
    ...(relative ? [`${relative.toExponential()} relative`] : []),
  ];
  return parts.join(" + ") || "exact";
}

/** How two arrays differ. */
export interface Difference {
  readonly maxAbsolute: number;
  /** The largest |actual − expected| / |expected| where a number other than 0 was expected. */
  readonly maxRelative: number;
  readonly ok: boolean;
  /** Why nothing could be compared, in one sentence. */
  readonly problem?: string;
}

/**
 * Compares what was computed with what was expected, element by element. Infinities and NaN are equal to
 * themselves only. Extents of 1 in the shapes do not count.
 *
 * @param mask leaves out the elements where it is 0; it may have fewer axes than the arrays, then each of its
 *   elements stands for a whole row. Default: all are compared.
 */
export function compare(
  actual: NumericArray,
  expected: NumericArray,
  { absolute = 0, relative = 0 }: Tolerance,
  mask?: ArrayLike<number>,
): Difference {
  const size = expected.data.length;
  if (significant(actual.shape) !== significant(expected.shape) || actual.data.length !== size) {
    return incomparable(
      `the shape expected is [${expected.shape}], but the shape computed is [${actual.shape}]`,
    );
  }
  if (mask && (mask.length === 0 || size % mask.length !== 0)) {
    return incomparable(`a mask of ${mask.length} elements does not fit [${expected.shape}]`);
  }
  const perMask = mask ? size / mask.length : 1;
  let maxAbsolute = 0;
  let maxRelative = 0;
  let compared = 0;
  let ok = true;
  for (let i = 0; i < size; i++) {
    if (mask && mask[Math.floor(i / perMask)] === 0) continue;
    compared++;
    const [a, e] = [actual.data[i], expected.data[i]];
    if (Object.is(a, e) || a === e) continue;
    const difference = Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) : Infinity;
    maxAbsolute = Math.max(maxAbsolute, difference);
    if (e !== 0) maxRelative = Math.max(maxRelative, difference / Math.abs(e) || Infinity);
    const allowed = Number.isFinite(e) ? absolute + relative * Math.abs(e) : 0;
    if (!(difference <= allowed)) ok = false;
  }
  if (compared === 0 && size > 0) return incomparable("the mask leaves nothing to compare");
  return { maxAbsolute, maxRelative, ok };
}

const significant = (shape: readonly number[]): string =>
  shape.filter((extent) => extent !== 1).join();

function incomparable(problem: string): Difference {
  return { maxAbsolute: NaN, maxRelative: NaN, ok: false, problem };
}
