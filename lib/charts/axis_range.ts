/** The range of an axis and how values lie on it. */
export interface AxisRange {
  type: "linear" | "log";
  low: number;
  high: number;
  /** Where a value lies: 0 at `low`, 1 at `high`. */
  share(value: number): number;
  /** The value that lies at a share; the inverse of `share`. */
  value(share: number): number;
}

/** A share of the range is left free at either end, so that points and labels do not touch it. */
const MARGIN = 0.1;

/**
 * The range of a linear axis around values.
 *
 * @param margin the share of the range that is left free at either end.
 */
export function linearRange(values: readonly number[], margin: number = MARGIN): AxisRange {
  const [least, greatest] = extent(values);
  const magnitude = Math.max(Math.abs(least), Math.abs(greatest));
  const { low, high } = padded(least, greatest, magnitude > 1e-9 ? magnitude : 1, margin);
  return {
    type: "linear",
    low,
    high,
    share: (value) => (value - low) / (high - low),
    value: (share) => low + share * (high - low),
  };
}

/**
 * The range of a logarithmic axis around positive values.
 *
 * @param margin the share of the range that is left free at either end.
 */
export function logRange(values: readonly number[], margin: number = MARGIN): AxisRange {
  const [least, greatest] = extent(values);
  const { low, high } = padded(Math.log(least), Math.log(greatest), 1, margin);
  return {
    type: "log",
    low: Math.exp(low),
    high: Math.exp(high),
    share: (value) => (Math.log(value) - low) / (high - low),
    value: (share) => Math.exp(low + share * (high - low)),
  };
}

/**
 * The ends with a margin. Values that are equal but for rounding are spread as far as `size`: so
 * narrow a range has no numbers to put ticks at.
 */
function padded(
  least: number,
  greatest: number,
  size: number,
  margin: number,
): { low: number; high: number } {
  const spread = greatest - least > 1e-6 * size ? greatest - least : size;
  return { low: least - margin * spread, high: greatest + margin * spread };
}

/** The notation of Vega's linear axes, for all: decimals, and a comma between thousands. */
const PLAIN_LABELS = "format(datum.value, ',.6~r')";

/** Powers of ten for all ticks, where zeros would have to be counted. */
function powerLabels(values: readonly number[]): string {
  const powers = values.map((value) => Math.log10(value));
  const labels = powers.map((power) => `10${superscript(power)}`);
  const step = powers.length > 1 ? powers[1] - powers[0] : 1;
  return `['${labels.join("','")}'][round((log(datum.value) / LN10 - ${powers[0]}) / ${step})]`;
}

function superscript(power: number): string {
  return [...String(power)].map((sign) => sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]).join("");
}

/** The range as the scale and the ticks of a Vega-Lite position channel. */
export function scaleAndTicks(range: AxisRange): {
  scale: { type: "linear" | "log"; domain: number[]; nice: false; zero?: false };
  axis: { values: number[]; labelExpr: string } | { tickCount: number };
} {
  const { type, low, high } = range;
  if (type === "linear") {
    return {
      scale: { type, domain: [low, high], nice: false, zero: false },
      axis: { tickCount: 6 },
    };
  }
  const values = logTicks(range);
  const arePowers = values.every((value) => Number.isInteger(Math.log10(value)));
  const needsPowers = arePowers && (values[0] < 1e-3 || values.at(-1)! >= 1e6);
  return {
    scale: { type, domain: [low, high], nice: false },
    axis: { values, labelExpr: needsPowers ? powerLabels(values) : PLAIN_LABELS },
  };
}

/** Over more decades than this, not each has a tick. */
const MOST_DECADES = 8;

/** Round values for the ticks of a logarithmic axis: 1, 2, 5 or, over a small range, more a decade. */
function logTicks({ low, high }: AxisRange): number[] {
  const decades = Math.log10(high / low);
  const steps = decades > 3 ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  const every = Math.ceil(decades / MOST_DECADES);
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    if (power % every !== 0) continue;
    for (const step of steps) {
      // Through the decimal notation: 3 · 10 ** -1 is 0.30000000000000004.
      const tick = Number(`${step}e${power}`);
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

/** The least and the greatest value, of lists too long to be arguments of `Math.min` as well. */
function extent(values: readonly number[]): [number, number] {
  let least = Infinity;
  let greatest = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}
