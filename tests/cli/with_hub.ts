import { join } from "node:path";
import { HubServer } from "../hub_server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Runs `test` with a hub and an empty cache that the environment names, as it does for users. */
export async function withHub(
  test: (hub: HubServer, parent: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    await using hub = new HubServer();
    const variables = {
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(parent, "cache"),
      HF_TOKEN: "",
      HF_HUB_OFFLINE: "",
    };
    const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    try {
      await test(hub, parent);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    }
  });
}
