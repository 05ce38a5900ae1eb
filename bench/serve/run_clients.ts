import { fileURLToPath } from "node:url";
import { linesIn } from "../../lib/files/stream_lines.ts";
import type { ClientAnswer, ClientOrders } from "./client_request.ts";

/** Lets clients in a process of their own send requests. @param answered is told of every answer as it comes. */
export async function runClients(
  orders: ClientOrders,
  answered: (answer: ClientAnswer) => void,
): Promise<void> {
  const script = fileURLToPath(new URL("clients.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(orders)));
  await writer.close();
  for await (const line of linesIn(child.stdout, { torn: false })) answered(JSON.parse(line));
  const { success } = await child.status;
  if (!success) throw new Error("The clients failed: what they said stands above.");
}
