import { fileURLToPath } from "node:url";
import type { Timed } from "../bench/peers/rounds.ts";

/** A line of what `deno task bench:peers --json` prints. */
interface PeerRow extends Timed {
  readonly title: string;
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** What was measured, as the benchmark printed it. */
async function peerRows(): Promise<readonly PeerRow[]> {
  const text = await Deno.readTextFile(path("peers.jsonl"));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const peers = ["PyTorch float32", "PyTorch float32, AVX-512", "PyTorch bfloat16"] as const;

/** How many times faster this library was in float32 at each task than each peer: the README's table, as Markdown. */
export async function peersTable(): Promise<string> {
  const tasks = Map.groupBy(await peerRows(), ({ title }) => title);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const header = ["work", ...peers.map((name) => `than ${name}`)];
  const rows = [...tasks].map(([title, rows]) => [
    title,
    ...peers.map((name) => {
      const found = rows.find((row) => row.name === name);
      return found ? `${found.first_is_faster.toFixed(2)} ×` : "–";
    }),
  ]);
  return [header, header.map((_, i) => i === 0 ? "---" : "--:"), ...rows].map(line).join("\n");
}

/** What stands around the table in the README. */
const [begin, end] = ["<!-- peers -->\n", "<!-- /peers -->\n"];

/** The README with another table of ratios. */
export function withPeersTable(readme: string, table: string): string {
  const [before, rest] = readme.split(begin);
  const [, after] = rest.split(end);
  return `${before}${begin}\n${table}\n\n${end}${after}`;
}

if (import.meta.main) {
  const readme = path("../README.md");
  const written = withPeersTable(await Deno.readTextFile(readme), await peersTable());
  await Deno.writeTextFile(readme, written);
}
