import { type LabelledTextsOptions, readLabelledTexts } from "../../data/labelled_texts.ts";
import { readPrompts } from "../../data/prompts.ts";
import { Random } from "../../random.ts";
import { defineStage, type Json, type Stage } from "../../stages/stage.ts";
import { fileHash } from "../provenance.ts";
import { files, readRows, writeRows } from "./files.ts";

/** The hash of a data file, which stands for its content in the settings of a stage. */
async function contentOf(path: string): Promise<string> {
  const hash = await fileHash(path);
  if (hash === undefined) {
    throw new Error(
      `Cannot read '${path}': there is no such file, so name the folder of the data with --data or ARMATURE_DATA`,
    );
  }
  return hash;
}

/**
 * Texts of a file with their labels, under the names that the profile has for them.
 *
 * @param labels column of the file → name.
 * @throws {Error} if the file is not there.
 */
export async function labelledFile(
  path: string,
  labels: Readonly<Record<string, string>>,
  { records }: Pick<LabelledTextsOptions, "records"> = {},
): Promise<Stage> {
  const settings = { content: await contentOf(path), labels, records: records ?? null };
  const { size } = await Deno.stat(path);
  return defineStage({
    kind: "labelled-file/1",
    title: `Reading ${path.split(/[/\\]/).slice(-2).join("/")}`,
    settings,
    needs: {},
    onDevice: false,
    cost: { seconds: size / 2e7, disk: size, memory: 2e8 + 3 * size },
    async make(folder) {
      const columns = Object.keys(labels);
      const data = await readLabelledTexts([path], { labels: columns, records, missing: "skip" });
      const rows = data.texts.map((text, row) => ({
        text,
        ...Object.fromEntries(
          columns.map((column, i) => [labels[column], data.labels[row * columns.length + i]]),
        ),
      }));
      await writeRows(folder, files.texts, rows);
    },
  });
}

/** A share of texts, drawn by a seed, or the rest of them: so that judges read other texts than those they judge. */
export function splitTexts(
  name: string,
  texts: Stage,
  settings: { seed: number; share: number; part: "drawn" | "rest" },
): Stage {
  return drawnTexts(name, texts, settings, { kind: "split-texts/1", stream: "split" }, (order) => {
    const count = Math.round(settings.share * order.length);
    return settings.part === "drawn" ? order.slice(0, count) : order.slice(count);
  });
}

/** So many of some texts, drawn by a seed; all of them where they are no more. */
export function someTexts(
  name: string,
  texts: Stage,
  settings: { seed: number; count: number },
): Stage {
  const by = { kind: "some-texts/1", stream: "some texts" };
  return drawnTexts(name, texts, settings, by, (order) => order.slice(0, settings.count));
}

/** Some texts in their own order. @param choose of the places of all, shuffled. */
function drawnTexts(
  name: string,
  texts: Stage,
  settings: { readonly seed: number } & { [name: string]: Json },
  { kind, stream }: { readonly kind: string; readonly stream: string },
  choose: (order: number[]) => number[],
): Stage {
  return defineStage({
    kind,
    title: `Drawing ${name}`,
    settings,
    needs: { texts },
    onDevice: false,
    cost: { ...texts.cost, seconds: 1 },
    async make(folder, from) {
      const rows = await readRows<object>(from.texts, files.texts);
      const order = new Random(settings.seed, stream).shuffle(rows.map((_, i) => i));
      const drawn = choose(order).sort((a, b) => a - b);
      await writeRows(folder, files.texts, drawn.map((i) => rows[i]));
    },
  });
}

/** The texts of several stages one after the other, without labels. */
export function allTexts(name: string, parts: readonly Stage[]): Stage {
  return defineStage({
    kind: "all-texts/1",
    title: `Gathering ${name}`,
    settings: {},
    needs: Object.fromEntries(parts.map((stage, i) => [`part${i}`, stage])),
    onDevice: false,
    cost: {
      seconds: 1,
      disk: parts.reduce((sum, { cost }) => sum + cost.disk, 0),
      memory: Math.max(...parts.map(({ cost }) => cost.memory)),
    },
    async make(folder, from) {
      const rows = [];
      for (const part of parts.keys()) {
        const texts = await readRows<{ text: string }>(from[`part${part}`], files.texts);
        for (const { text } of texts) rows.push({ text });
      }
      await writeRows(folder, files.texts, rows);
    },
  });
}

/**
 * Prompts of a file, drawn by a seed.
 *
 * @throws {Error} if the file is not there.
 */
export async function promptFile(
  path: string,
  settings: { seed: number; count: number },
): Promise<Stage> {
  return defineStage({
    kind: "prompt-file/1",
    title: `Drawing ${settings.count} prompts of ${path.split(/[/\\]/).at(-1)}`,
    settings: { ...settings, content: await contentOf(path) },
    needs: {},
    onDevice: false,
    cost: { seconds: 1, disk: settings.count * 100, memory: 2e8 },
    rows: settings.count,
    async make(folder) {
      const prompts = await readPrompts(path);
      const drawn = new Random(settings.seed, "prompts").shuffle([...prompts]);
      await writeRows(
        folder,
        files.prompts,
        drawn.slice(0, settings.count).map((prompt) => ({ prompt })),
      );
    },
  });
}
