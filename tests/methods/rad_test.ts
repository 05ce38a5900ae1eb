import { checkReadings } from "./reading_property.ts";

Deno.test("RAD rates candidates as if each text were read with each candidate, k calls a row", async () => {
  await checkReadings("rad");
});

Deno.test("so does FUDGE", async () => {
  await checkReadings("fudge");
});
