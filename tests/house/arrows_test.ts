import assert from "node:assert/strict";
import { importsOf, sourceFiles } from "./source_files.ts";

/** The rooms of `lib`, and the files that stand beside them, from what knows nothing of the others to what knows all. */
const rooms = [
  "options delay.ts named_rows.ts optional_package.ts random.ts notebook tokenization",
  "files progress.ts turns.ts svg_png.ts chat http",
  "graph charts",
  "pictures runtime models",
  "weights loss",
  "data stages",
  "inference engines",
  "train",
  "encoders methods",
  "bases",
  "decode",
  "eval",
  "tuning whole_texts",
  "browser experiments explore serve",
  "api_page doctor entries notebook_run types.ts",
  "cli",
].map((level) => level.split(" "));

const roomOf = (path: string) => path.split("/")[1];
const levelOf = (path: string) => rooms.findIndex((level) => level.includes(roomOf(path)));

async function arrows(): Promise<Map<string, string[]>> {
  const files = await sourceFiles("lib");
  return new Map([...files].map(([path, code]) => [path, importsOf(path, code)]));
}

/** The files that can be reached from each other, in groups of more than one. */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  // Tarjan's strongly connected components
  const found: string[][] = [];
  const [order, low] = [new Map<string, number>(), new Map<string, number>()];
  const path: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (path.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

Deno.test("arrows between rooms point one way", async () => {
  const backwards: string[] = [];
  for (const [path, targets] of await arrows()) {
    assert.notEqual(levelOf(path), -1, `${path} is in a room that has no place among the others`);
    for (const to of targets) {
      // what comes with the library as data
      if (to.startsWith("data/") || to === "lib/about.json") continue;
      assert.ok(to.startsWith("lib/"), `${path} imports ${to}, which is no part of the library`);
      if (roomOf(to) === roomOf(path)) continue;
      if (levelOf(to) >= levelOf(path)) backwards.push(`${path} → ${to}`);
    }
  }
  assert.deepEqual(backwards, []);
});

Deno.test("no file needs itself, by way of others", async () => {
  assert.deepEqual(circlesIn(await arrows()), []);
});

Deno.test("a circle is found, and what only leads to it is not of it", () => {
  const imports = { a: ["b"], b: ["c"], c: ["d", "b"], d: [] };
  assert.deepEqual(circlesIn(new Map(Object.entries(imports))), [["b", "c"]]);
});
