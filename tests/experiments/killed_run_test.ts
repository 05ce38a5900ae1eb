import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Random } from "../../lib/random.ts";
import { withFont } from "../charts/chart_checks.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const script = fileURLToPath(new URL("small_world_run.ts", import.meta.url));
const permissions = ["read", "write", "env", "ffi", "sys"].map((name) => `--allow-${name}`);

/** How many times the run is killed. */
const kills = 10;

/**
 * Starts a run, and kills it so many milliseconds after its first stage began.
 *
 * @returns whether it came to its end, and after how many milliseconds.
 */
async function live(folder: string, milliseconds = Infinity) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, folder],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let said = "";
  let began = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (said === "") began = performance.now();
    said += text;
    if (milliseconds < Infinity) timer ??= setTimeout(() => child.kill("SIGKILL"), milliseconds);
  }
  const { success } = await child.status;
  clearTimeout(timer);
  return { isWhole: success && said.endsWith("whole\n"), milliseconds: performance.now() - began };
}

async function tablesIn(folder: string): Promise<Map<string, string>> {
  const tables = join(folder, "out", "tables");
  const names = [...Deno.readDirSync(tables)].map(({ name }) => name)
    .filter((name) => name.endsWith(".csv"));
  const texts = names.sort().map(async (name) =>
    [name, await Deno.readTextFile(join(tables, name))] as const
  );
  return new Map(await Promise.all(texts));
}

const named = withFont(
  "a run killed at ten random moments ends with the tables of a run that was never stopped",
);

Deno.test({
  ...named,
  ignore: named.ignore || Deno.build.os === "windows",
  async fn() {
    await withTemporaryFolder(async (parent) => {
      const [unbroken, killed] = [join(parent, "unbroken"), join(parent, "killed")];
      const { isWhole, milliseconds } = await live(unbroken);
      assert.ok(isWhole);
      const random = new Random(1, "kills");
      // all lives together are shorter than the run, so that it does not end before the last kill
      const longest = Math.min(1000, 1.2 * milliseconds / kills);
      for (let i = 0; i < kills; i++) {
        const life = await live(killed, longest * random.uniform());
        assert.ok(!life.isWhole, `the run ended before kill ${i + 1}`);
      }
      assert.ok((await live(killed)).isWhole);
      const tables = await tablesIn(unbroken);
      assert.deepEqual([...tables.keys()], [
        "ablation-areas.csv",
        "ablation.csv",
        "detox-areas.csv",
        "detox.csv",
        "reward-rank.csv",
      ]);
      assert.deepEqual(await tablesIn(killed), tables);
      const left = [...Deno.readDirSync(join(killed, "stages"))].map(({ name }) => name);
      assert.deepEqual(left.filter((name) => /\.(part|lock|tmp)$/.test(name)), []);
    });
  },
});
