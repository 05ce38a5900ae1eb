import { palettes } from "../charts/palette.ts";
import { type Html, html } from "../notebook/html.ts";
import { lookOf } from "../notebook/display.ts";
import { LiveOutput } from "../notebook/live_output.ts";
import type { ProgressOutput } from "../progress.ts";
import type { LossCurve, LossPoint } from "./loss_curve.ts";

/** The fewest milliseconds between two drawings. */
const INTERVAL = 2000;

/**
 * What a notebook shows of a training: the line of its progress above its losses, in one output. While training goes on
 * it is a cheap sketch, and when this is disposed a chart that stays.
 */
export class LiveCurve implements ProgressOutput, AsyncDisposable {
  readonly width = 140;
  readonly #output: LiveOutput;
  readonly #name: string;
  readonly #curve: LossCurve;
  readonly #now: () => number;
  #line = "";
  #shownAt = -Infinity;

  /**
   * @param name the run's, which stands in the title of the chart.
   * @param now tells the time in milliseconds.
   */
  constructor(
    output: LiveOutput,
    name: string,
    curve: LossCurve,
    now: () => number = () => performance.now(),
  ) {
    this.#output = output;
    this.#name = name;
    this.#curve = curve;
    this.#now = now;
  }

  /** In the output of the cell that runs now; nothing outside of notebooks. */
  static here(name: string, curve: LossCurve): LiveCurve | undefined {
    const output = LiveOutput.here();
    return output && new LiveCurve(output, name, curve);
  }

  /** Shows a line of progress and the losses so far, unless that was done just now. */
  show(line: string): void {
    this.#line = line;
    const now = this.#now();
    if (now - this.#shownAt < INTERVAL) return;
    this.#shownAt = now;
    this.#sketch();
  }

  end(): void {}

  /** Leaves a chart of the losses, which tells in its subtitle how it went. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { points } = this.#curve;
    if (points.length === 0) return;
    try {
      // Loaded only where there is something to draw: training elsewhere needs no Vega.
      const { learningCurveChart } = await import("../charts/learning_curve.ts");
      const chart = learningCurveChart(points, {
        title: `Learning curve: ${this.#name}`,
        subtitle: this.#line || undefined,
        constantLoss: this.#curve.constant,
      });
      const look = await lookOf(chart);
      this.#output.show({ ...look, "text/plain": this.#line || chart.description! });
    } catch {
      // A chart that cannot be drawn is no reason for the training to fail.
      this.#sketch();
    }
  }

  #sketch(): void {
    this.#output.show({
      "text/html": html`<div>${this.#line}</div>${sketch(this.#curve.points)}`.markup,
      "text/plain": this.#line,
    });
  }
}

const WIDTH = 420;
const HEIGHT = 200;
/** Where the plot begins, with labels to its left and below it. */
const [LEFT, TOP, RIGHT, BOTTOM] = [56, 24, WIDTH - 16, HEIGHT - 24];
const { series: COLORS, text: TEXT, axis: AXIS } = palettes.transparent;

/** The losses as an SVG, in colours that light and dark pages show. */
function sketch(points: readonly LossPoint[]): Html {
  if (points.length === 0) return html``;
  const [firstStep, lastStep] = extent(points.map(({ step }) => step));
  const [least, greatest] = extent(points.map(({ loss }) => loss));
  const x = (step: number) => LEFT + (RIGHT - LEFT) * share(step, firstStep, lastStep);
  const y = (loss: number) => BOTTOM - (BOTTOM - TOP) * share(loss, least, greatest);
  const series = [...Map.groupBy(points, ({ series }) => series)];
  return html`
    <svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"
      font-family="sans-serif" font-size="10">
    <path d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}" fill="none" stroke="${AXIS}"/>
    <text x="${LEFT - 4}" y="${TOP + 4}" text-anchor="end" fill="${TEXT}">${greatest.toPrecision(
      4,
    )}</text>
    <text x="${LEFT - 4}" y="${BOTTOM}" text-anchor="end" fill="${TEXT}">${least.toPrecision(
      4,
    )}</text>
    <text x="${LEFT}" y="${BOTTOM + 14}" fill="${TEXT}">step ${Math.round(firstStep)}</text>
    <text x="${RIGHT}" y="${BOTTOM + 14}" text-anchor="end" fill="${TEXT}">step ${Math.round(
      lastStep,
    )}</text>
    ${series.map(([name, line], i) =>
      html`
        <text x="${LEFT + 80 * i}" y="${TOP -
          10}" font-weight="bold" fill="${COLORS[i].mark}">${name}</text>
        <polyline fill="none" stroke="${COLORS[i].mark}" stroke-width="1.5" points="${line.map((
          { step, loss },
        ) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ")}" />${line.slice(-1).map((
          { step, loss },
        ) =>
          html`
            <circle cx="${x(step).toFixed(1)}" cy="${y(loss).toFixed(
              1,
            )}" r="3" fill="${COLORS[i].mark}" />
          `
        )}
      `
    )}
    </svg>
  `;
}

function extent(values: readonly number[]): [least: number, greatest: number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

function share(value: number, low: number, high: number): number {
  return high > low ? (value - low) / (high - low) : 0.5;
}
