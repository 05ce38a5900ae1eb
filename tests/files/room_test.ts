import assert from "node:assert/strict";
import { freeDisk, freeMemory, sizeText } from "../../lib/files/room.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

Deno.test("there is some disk and some memory", async () => {
  await withTemporaryFolder(async (folder) => assert.ok(await freeDisk(folder) > 0));
  assert.ok(freeMemory() > 1e6);
});

Deno.test("sizes are rounded as people say them", () => {
  const sizes = [0, 500, 45_670, 22_836_000, 999_000_000, 3.096e9, 8.2345e13].map(sizeText);
  assert.deepEqual(sizes, [
    "0 MB",
    "500 bytes",
    "45.7 kB",
    "22.8 MB",
    "999 MB",
    "3.1 GB",
    "82,000 GB",
  ]);
});
