import { join } from "node:path";
import { HubServer } from "../hub_server.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

/** Runs `test` with a hub, an empty cache, and the environment that names both, as it does for users. */
export async function withHub(
  test: (hub: HubServer, parent: string, env: Record<string, string>) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (parent) => {
    await using hub = new HubServer();
    await test(hub, parent, {
      HF_ENDPOINT: hub.endpoint,
      HF_HUB_CACHE: join(parent, "cache"),
      HF_TOKEN: "",
      HF_HUB_OFFLINE: "",
    });
  });
}
