import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../bench", import.meta.url));

/** What a module registers when it is loaded. */
async function benchesOf(module: string): Promise<Deno.BenchDefinition[]> {
  const benches: Deno.BenchDefinition[] = [];
  const { bench } = Deno;
  Deno.bench = ((definition: Deno.BenchDefinition) => {
    benches.push(definition);
  }) as typeof Deno.bench;
  try {
    await import(`../../bench/${module}`);
  } finally {
    Deno.bench = bench;
  }
  return benches;
}

Deno.test("every benchmark is in a group, which has one baseline and no name twice", async () => {
  const modules = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith("_bench.ts"));
  assert.ok(modules.length >= 5);
  for (const module of modules) {
    const benches = await benchesOf(module);
    assert.ok(benches.length > 0, module);
    for (const [group, members] of Map.groupBy(benches, ({ group }) => group)) {
      const where = `${module}, ${group}`;
      assert.ok(group, where);
      assert.equal(members.filter(({ baseline }) => baseline).length, 1, where);
      assert.equal(new Set(members.map(({ name }) => name)).size, members.length, where);
    }
  }
});

Deno.test("a deno bench without permissions says in one sentence what to call", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bench", "--no-check", "--quiet", "bench/tokenizing_bench.ts"],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [said, shown] = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([code, shown], [1, ""]);
  assert.match(
    said,
    /^error: The benchmarks lack permissions \(read, .*\), .*: call deno task bench, or deno bench -P\.\n$/,
  );
});
