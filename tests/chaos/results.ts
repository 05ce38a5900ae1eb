import { join } from "node:path";
import { filesBelow } from "../../lib/experiments/stages/hub_stages.ts";

/** Files that tell of times, and differ from run to run. */
const timed = ["stage.json", "cost.json", "costs.json", "metrics.jsonl"];

/** Names of the results of a store. */
export async function resultsIn(store: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(store)) {
    if (/^[\w-]+-[0-9a-f]{16}$/.test(name)) names.push(name);
  }
  return names.sort();
}

/** When each result was finished, as its record says. */
export async function finishedTimes(store: string): Promise<Map<string, string>> {
  const times = (await resultsIn(store)).map(async (name) => {
    const record = await Deno.readTextFile(join(store, name, "stage.json"));
    return [name, JSON.parse(record).finished as string] as const;
  });
  return new Map(await Promise.all(times));
}

/** What of a run that was never disturbed another lacks or has otherwise: names of results and files. */
export async function differences(undisturbed: string, other: string): Promise<string[]> {
  const found: string[] = [];
  for (const result of await resultsIn(undisturbed)) {
    for (const file of await filesBelow(join(undisturbed, result))) {
      if (timed.includes(file)) continue;
      const path = join(result, file);
      const [expected, actual] = await Promise.all(
        [undisturbed, other].map((store) =>
          Deno.readFile(join(store, path)).catch(() => undefined)
        ),
      );
      if (!actual || !equal(expected!, actual)) found.push(path);
    }
  }
  return found;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
