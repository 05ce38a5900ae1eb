/**
 * The value of `ignore:` for a test that needs something which a machine may lack: true where it is not
 * available, unless the environment variable ARMATURE_REQUIRE lists its name (`webgpu,cuda`), as in CI.
 * The test then runs and fails, and says why.
 */
export function skipUnless(
  name: string,
  available: boolean,
  required = Deno.env.get("ARMATURE_REQUIRE") ?? "",
): boolean {
  return !available && !required.split(/[\s,]+/).includes(name);
}
