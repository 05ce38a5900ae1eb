import { checkReadings } from "./reading_property.ts";

Deno.test("an ARM rates candidates and all tokens after any text as equation (2) has it, one call a row", async () => {
  await checkReadings("arm", { rateAll: true });
});

Deno.test("so does an ARM without a baseline", async () => {
  await checkReadings("armWithoutBaseline", { rateAll: true });
});
