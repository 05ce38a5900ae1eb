import assert from "node:assert/strict";
import { apiGroups } from "../../lib/api_page/api_groups.ts";

Deno.test("exports stand under the comment over them, in their order", () => {
  const source = `
/** A module. */

// A sentence that is no title.
import "./lib/first.ts";

// Devices
export { type Device, openDevice } from "./lib/device.ts";

// Graphs, and more
export {
  compile,
  type Program,
} from "./lib/program.ts";
export * as ops from "./lib/ops.ts";

// Types
export type * from "./lib/types.ts";
`;
  assert.deepEqual(apiGroups(source), [
    { title: "Devices", names: ["Device", "openDevice"], namespaces: {}, modules: [] },
    {
      title: "Graphs, and more",
      names: ["compile", "Program"],
      namespaces: { ops: "./lib/ops.ts" },
      modules: [],
    },
    { title: "Types", names: [], namespaces: {}, modules: ["./lib/types.ts"] },
  ]);
});
