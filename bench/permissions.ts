/**
 * Ends a `deno bench` that was given no permissions, before anything asks for one: imported by every module of benchmarks
 * before all else. Deno takes those that `deno.json` lists with `-P` only, and each module would prompt for each of them.
 */
const needed = ["read", "write", "env", "ffi", "sys"] as const;
const missing = needed.filter((name) => Deno.permissions.querySync({ name }).state !== "granted");
if (missing.length > 0) {
  console.error(
    `error: The benchmarks lack permissions (${
      missing.join(", ")
    }), which deno bench alone does not give: call deno task bench, or deno bench -P.`,
  );
  Deno.exit(1);
}
