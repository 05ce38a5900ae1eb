/** Drawing tokens from guided logits, and drawing charts. */
import "./permissions.ts";
import { renderPng, renderSvg } from "../lib/charts/render.ts";
import { tradeOffChart, type TradeOffRow } from "../lib/charts/trade_off.ts";
import { Drawer } from "../lib/decode/drawer.ts";
import type { DrawSettings } from "../lib/decode/draw.ts";
import { Random } from "../lib/random.ts";
import { floats } from "../lib/runtime/value.ts";
import { Once } from "./once.ts";

const [rows, k] = [100, 40];
const random = new Random(0, "logits");
const numbers = (draw: () => number) =>
  floats([rows, k], Float32Array.from({ length: rows * k }, draw));
const [logits, noise] = [numbers(() => random.normal()), numbers(() => random.gumbel())];
const drawers = new Once<Drawer>();
const ways: Readonly<Record<string, DrawSettings>> = {
  "from all candidates": { temperature: 1 },
  "from a nucleus": { temperature: 1, topP: 0.9 },
  "the likeliest": { temperature: 0 },
};
for (const [name, settings] of Object.entries(ways)) {
  Deno.bench({
    name,
    group: `drawing tokens, ${rows} rows, k = ${k}`,
    baseline: name === "from all candidates",
    warmup: 10,
    n: 200,
    async fn(b) {
      const drawer = await drawers.get(name, () => Drawer.open(settings));
      b.start();
      await drawer.draw(logits, noise);
      b.end();
    },
  });
}

const systems = ["RAD", "ARM, distilled", "ARM"];
const points: TradeOffRow[] = systems.flatMap((system) =>
  [0, 5, 10, 20, 40].map((beta) => ({
    system,
    beta,
    score: beta / 50 + 0.02 * random.normal(),
    perplexity: 10 + beta + random.uniform(),
  }))
);
const chart = tradeOffChart(points);
const drawings: Readonly<Record<string, () => unknown>> = {
  "its specification": () => tradeOffChart(points),
  "as SVG": () => renderSvg(chart),
  "as PNG": () => renderPng(chart),
};
for (const [name, draw] of Object.entries(drawings)) {
  Deno.bench({
    name,
    group: `a trade-off chart of ${points.length} points`,
    baseline: name === "as SVG",
    warmup: 1,
    n: 10,
    async fn() {
      await draw();
    },
  });
}
