import { Ajv } from "ajv";
import assert from "node:assert/strict";
import { renderPng } from "../../lib/charts/render.ts";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

const schema = JSON.parse(
  await Deno.readTextFile(new URL(import.meta.resolve("vega-lite/vega-lite-schema.json"))),
);
// The schema uses formats (colours, addresses) that only describe, and union types.
const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);

/** Asserts that a spec is valid Vega-Lite and compiles without a warning. */
export function assertValidSpec(spec: TopLevelSpec): void {
  assert.ok(validate(JSON.parse(JSON.stringify(spec))), JSON.stringify(validate.errors?.[0]));
  const messages: unknown[] = [];
  const note = (...message: readonly unknown[]) => {
    messages.push(...message);
    return logger;
  };
  const logger = {
    level: () => logger as never,
    error: note,
    warn: note,
    info: () => logger,
    debug: () => logger,
  };
  compile(spec, { logger });
  assert.deepEqual(messages, []);
}

const hasFont = await renderPng(
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>x</text></svg>',
).then(() => true, () => false);

/** The name of a test with the reason why it is skipped, if it is. */
export function withFont(name: string): { name: string; ignore: boolean } {
  return { name: hasFont ? name : `${name} (skipped: no font installed)`, ignore: !hasFont };
}

/** What the points of a chart tell when pointed at. */
export async function tooltipsOf(spec: TopLevelSpec): Promise<unknown[]> {
  const view = new vega.View(vega.parse(compile(structuredClone(spec)).spec), { renderer: "none" });
  await view.runAsync();
  const found: unknown[] = [];
  const visit = (item: SceneItem) => {
    if (item.tooltip) found.push(item.tooltip);
    item.items?.forEach(visit);
  };
  visit((view.scenegraph() as unknown as { root: SceneItem }).root);
  view.finalize();
  return found;
}

interface SceneItem {
  tooltip?: unknown;
  items?: SceneItem[];
}

/** The texts of an SVG, with character references resolved. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text\b[^>]*>(.*?)<\/text>/gs)].map(([, content]) =>
    content.replace(/<\/?tspan[^>]*>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">")
      .replace(/&quot;/g, '"').replace(/&amp;/g, "&")
  );
}
