import { checkReadings } from "./reading_property.ts";

Deno.test("an ARM rates candidates after any text as equation (2) has it, one call a row", async () => {
  await checkReadings("arm", () => 1);
});

Deno.test("so does an ARM without a baseline", async () => {
  await checkReadings("armWithoutBaseline", () => 1);
});
