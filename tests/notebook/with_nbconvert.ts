import { skipUnless } from "../require.ts";

const hasNbconvert = await Promise.try(() =>
  new Deno.Command("jupyter", {
    args: ["nbconvert", "--version"],
    stdout: "null",
    stderr: "null",
  }).output()
).then(({ success }) => success, () => false);

/** The name of a test with the reason why it is skipped, if it is. */
export function withNbconvert(name: string): { name: string; ignore: boolean } {
  const ignore = skipUnless("jupyter", hasNbconvert);
  return { name: ignore ? `${name} (skipped: there is no \`jupyter nbconvert\`)` : name, ignore };
}
